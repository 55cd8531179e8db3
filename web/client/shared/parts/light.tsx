/** A case's light: colour, shape and word together, the moment on hover. */
import type { CaseItem, Light as Colour } from "../api";
import { clock, exact, left } from "../format";
import { t, word } from "../language";

const SHAPES: Record<Colour, string> = { green: "●", yellow: "▲", red: "■", paused: "‖", none: "·" };

export function shapeOf(light: Colour): string {
  return SHAPES[light];
}

/** The sentence behind a light: which clock, until when. */
export function dueWords(item: Pick<CaseItem, "clock">): string {
  if (!item.clock) return t("detail.quiet");
  if (item.clock.paused) return t("detail.paused_why");
  return t("time.due", { clock: word("clock", item.clock.kind), due: exact(item.clock.due_at) });
}

/** `long`: "剩 1 小时 20 分"; otherwise the dense "3:05". */
export function Light({ item, long = false }: { item: Pick<CaseItem, "light" | "clock" | "left_minutes">; long?: boolean }) {
  const minutes = item.left_minutes;
  const running = minutes !== null && item.light !== "paused" && item.light !== "none";
  return (
    <span class={`light ${item.light}`} title={dueWords(item)}>
      <span class="shape" aria-hidden="true">{SHAPES[item.light]}</span>
      {running && !long && <span>{clock(minutes)}</span>}
      <span class={running && !long ? "hidden" : ""}>{running && long ? left(minutes) : word("light", item.light)}</span>
    </span>
  );
}
