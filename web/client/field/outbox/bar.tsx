/** The bar that says what waits, and what is wrong; it opens the outbox. Saved on the phone is not delivered. */
import { count } from "../../shared/format";
import { online, signedOut } from "../../shared/http";
import { t } from "../../shared/language";
import { lacking, progress, refused, sending, unstored, waiting } from "./items";
import { isOver } from "./over";
import { space } from "./space";

function barText(): { text: string; bad: boolean } | null {
  const n = count(waiting.value.length);
  const over = refused.value.filter(isOver).length;
  const toMend = refused.value.length - over + lacking.value.length;
  if (unstored.value) return { text: t("outbox.bar_unstored"), bad: true };
  if (toMend) return { text: t("outbox.refused", { n: count(toMend) }), bad: true };
  if (signedOut.value && waiting.value.length) return { text: t("outbox.bar_signin", { n }), bad: true };
  if (!online.value) return { text: t("outbox.offline", { n }), bad: false };
  if (sending.value && waiting.value.length) return { text: t("outbox.sending_percent", { n, percent: progress.value?.percent ?? 0 }), bad: false };
  if (waiting.value.length) return { text: t("outbox.waiting", { n }), bad: false };
  if (over) return { text: t("outbox.over_n", { n: count(over) }), bad: false };
  return space.value?.low ? { text: t("outbox.bar_space"), bad: false } : null;
}

export function OutboxBar() {
  const said = barText();
  return said && (
    <div role="status">
      <a class={`outbar ${said.bad ? "bad" : ""}`} href="#/outbox" data-testid="outbox-bar">{said.text}</a>
    </div>
  );
}
