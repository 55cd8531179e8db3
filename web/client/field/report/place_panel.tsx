/** The map with the pin, over the whole room; numbers by hand, and places that are known already. Fetched when it is first opened. */
import { Crosshair } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { brief, metresBetween } from "../../shared/format";
import { t } from "../../shared/language";
import { TextField } from "../../shared/parts/fields";
import { Icon } from "../../shared/parts/icon";
import { PlaceMap } from "../map/place_map";
import { lastPlace, position } from "../position";
import { components, grid } from "../sync";
import { draft } from "./draft";
import { closePanel } from "./panels";
import { nearest } from "./parts";
import { PlaceTrouble, PlaceWords } from "./place";
import { lookAgain, looking, setByHand } from "./where";

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
