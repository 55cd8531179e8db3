/** Where it is: found while the rest is entered, said in one line; the map when it is wanted or needed. */
import { Crosshair, MapPin } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { findCategory } from "../../shared/catalogue";
import { brief, metresBetween } from "../../shared/format";
import { t, word } from "../../shared/language";
import { TextField } from "../../shared/parts/fields";
import { Icon } from "../../shared/parts/icon";
import { Banner } from "../../shared/parts/states";
import { lazily } from "../later";
import type { PlaceMapProps } from "../map/place_map";
import { lastPlace, position } from "../position";
import { closePanel, openPanel } from "./panels";
import { draft } from "./draft";
import { components, grid } from "../sync";
import type { Spot } from "./form";
import { nearest, type NearPart } from "./parts";
import { settings } from "./rules";
import { type Falls, falls, lineWords, lookAgain, looking, setByHand } from "./where";

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

function ByHand({ open }: { open: boolean }) {
  const { spot } = draft.value;
  const [typed, setTyped] = useState({ lon: "", lat: "" });
  const [bad, setBad] = useState(false);
  useEffect(() => {
    if (spot && (Number(typed.lon) !== spot.lon || Number(typed.lat) !== spot.lat)) setTyped({ lon: spot.lon.toFixed(6), lat: spot.lat.toFixed(6) });
  }, [spot?.lon, spot?.lat]);
  const take = (part: Partial<typeof typed>): void => {
    const next = { ...typed, ...part };
    setTyped(next);
    if (!next.lon.trim() || !next.lat.trim()) return;
    const [lon, lat] = [Number(next.lon), Number(next.lat)];
    const fine = Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
    setBad(!fine);
    if (fine) setByHand({ lon, lat });
  };
  return (
    <details open={open}>
      <summary>{t("report.manual")}</summary>
      <div class="pair">
        <TextField label={t("report.lon")} name="lon" mode="decimal" value={typed.lon} fault={bad ? t("report.coordinates_bad") : null} change={(lon) => take({ lon })} />
        <TextField label={t("report.lat")} name="lat" mode="decimal" value={typed.lat} change={(lat) => take({ lat })} />
      </div>
    </details>
  );
}

/** Places that are known already: the photo's, the phone's last. */
function Known() {
  const { photo_spot, spot } = draft.value;
  const last = lastPlace();
  const apart = photo_spot && (!spot || metresBetween(photo_spot, spot) > 30);
  return (
    <div class="buttons">
      {apart && <button type="button" class="button" onClick={() => setByHand(photo_spot)} data-testid="photo-place">{t("report.place_photo")}</button>}
      {!spot && last && <button type="button" class="button" onClick={() => setByHand(last)} data-testid="last-place">{t("report.place_last", { time: brief(new Date(last.at)) })}</button>}
    </div>
  );
}

const PlaceMap = lazily<PlaceMapProps<NearPart>>(() => import("../map/place_map").then((module) => module.PlaceMap));

/** The map with the pin, over the whole room. */
export function PlacePanel() {
  const { spot, component } = draft.value;
  const around = spot ?? position.value;
  const here = position.value;
  return (
    <section class="panelroom">
      <h1 tabIndex={-1}>{t("report.place")}</h1>
      <div class="mapbox tall">
        <PlaceMap spot={spot} accuracy={spot && !spot.by_hand ? spot.accuracy_m : null} grid={grid.value} here={here} chosen={component?.id ?? null}
          components={around ? nearest(components.value, around, { most: 60, metres: 150 }) : []} move={setByHand} pick={setByHand} />
      </div>
      <p class="caption">{t("report.move_hint")}</p>
      <PlaceWords />
      <PlaceTrouble />
      <Known />
      <ByHand open={looking.value?.state === "none" && !spot} />
      <div class="actions">
        <button type="button" class="button" disabled={looking.value?.state === "looking" && !spot?.by_hand} onClick={lookAgain}><Icon of={Crosshair} />{t("report.relocate")}</button>
        <button type="button" class="button main" onClick={() => closePanel()} data-testid="place-done">{t("report.place_done")}</button>
      </div>
    </section>
  );
}
