/** Where it is: found while the rest is entered, said in one line; the map when it is wanted or needed. */
import { MapPin } from "lucide";
import { findCategory } from "../../shared/catalogue";
import { t, word } from "../../shared/language";
import { Icon } from "../../shared/parts/icon";
import { Banner } from "../../shared/parts/states";
import { draft } from "./draft";
import type { Spot } from "./form";
import { openPanel } from "./panels";
import { settings } from "./rules";
import { type Falls, falls, lineWords, looking } from "./where";

/** `40 m`, `143.7 km`, `10,394.6 km` */
export function metresWords(metres: number): string {
  if (metres < 1000) return `${Math.round(metres)} m`;
  return `${(metres / 1000).toLocaleString("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 })} km`;
}

export function isPoor(spot: Spot | null): boolean {
  return spot !== null && !spot.by_hand && (spot.accuracy_m ?? 0) > settings.value.poor_metres;
}

/** What is known of the accuracy, while it is looked for and after. */
function accuracyWords(spot: Spot | null): string {
  const now = looking.value;
  const metres = spot && !spot.by_hand ? metresWords(spot.accuracy_m ?? 0) : null;
  if (now?.state === "looking" && !spot?.by_hand) {
    const { seconds } = now;
    const of = settings.value.fix_seconds;
    return metres ? t("report.locating_best", { s: seconds, of, d: metres }) : t("report.locating", { s: seconds, of });
  }
  if (!spot) return "";
  return metres ? t("report.accuracy", { d: metres }) : t("report.pin_set");
}

function fallsWords(found: Falls): string {
  if (found.inside) return lineWords(found.line) || found.line.map(({ name }) => name).join(" › ");
  if (found.problem && found.away === null) return found.problem;
  if (found.guess) return t("report.outside_here");
  return found.away === null ? t("report.outside") : t("report.outside_far", { d: metresWords(found.away) });
}

/** The centre that answers there, as the category's level has it; a duty or a component may say otherwise, which the receipt tells. */
function centreWords({ line, inside }: Falls): string | null {
  const level = findCategory(draft.value.category_code)?.responsible_level ?? "street";
  const cell = inside ? (line.find((one) => one.level === level) ?? line.at(-1)) : undefined;
  return cell ? t("report.centre", { name: cell.name }) : null;
}

/** The place in words, for the page and for the map. */
export function PlaceWords() {
  const { spot } = draft.value;
  const found = falls.value;
  return (
    <div class="where">
      {spot && found?.inside && (
        <p class="strong" data-testid="falls">{fallsWords(found)}{!found.sure && <span class="caption"> {word("confidence", "low")}</span>}</p>
      )}
      {spot && !found && <p class="strong" data-testid="falls-unknown">{spot.lat.toFixed(5)}, {spot.lon.toFixed(5)}</p>}
      {!spot && looking.value?.state !== "looking" && <p class="strong">{t("report.place_needed")}</p>}
      <p class="caption facts">
        <span class={isPoor(spot) && looking.value?.state !== "looking" ? "red" : ""} data-testid="accuracy">{accuracyWords(spot)}</span>
        {spot && found && centreWords(found) && <span data-testid="centre">{centreWords(found)}</span>}
      </p>
    </div>
  );
}

/** What is wrong with the place, and what to do. */
export function PlaceTrouble() {
  const { spot } = draft.value;
  const now = looking.value;
  const found = falls.value;
  const why = now?.state === "none" ? now.why : null;
  return (
    <div role="status" class="stack tight">
      {isPoor(spot) && now?.state !== "looking" && <Banner kind="warn" testid="poor-place">{t("report.accuracy_low")}</Banner>}
      {why && !spot && <Banner kind="warn" testid="no-place">{t(`report.no_${why}`)}</Banner>}
      {spot && found && !found.inside && <Banner kind={found.guess ? "warn" : "bad"} testid="place-problem">{fallsWords(found)}</Banner>}
    </div>
  );
}

/** One line of the report: where, how exact, and the way to the map. */
export function Place() {
  const { spot } = draft.value;
  const wanted = !spot || isPoor(spot) || falls.value?.inside === false;
  return (
    <section class="stack tight" aria-label={t("report.place")}>
      <div class="row-line">
        <div class="grow" aria-live="polite"><PlaceWords /></div>
        <button type="button" class={`button ${wanted && looking.value?.state !== "looking" ? "chosen" : ""}`} onClick={() => openPanel("place")} data-testid="place-open">
          <Icon of={MapPin} />{t(spot ? "report.place_map" : "report.place_set")}
        </button>
      </div>
      <PlaceTrouble />
    </section>
  );
}
