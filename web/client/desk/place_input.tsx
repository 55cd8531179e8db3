/** A new place for a case: a pin on the map, or longitude and latitude. */
import { t } from "../shared/language";
import { MapView } from "../shared/map/view";
import { TextField } from "../shared/parts/fields";
import { ownCentre } from "../shared/session";
import { AddressInput } from "./decision_inputs";
import { pointOf } from "./verb_fields";
import type { InputProps } from "./verb_inputs";

export function PlaceInput({ item, entered, change, fault }: InputProps) {
  const pin = pointOf(entered);
  const typed = entered.lon.trim() !== "" && entered.lat.trim() !== "";
  const bad = fault ? (typed && !pin ? t("report.coordinates_bad") : fault) : typed && !pin ? t("report.coordinates_bad") : null;
  return (
    <fieldset class="field">
      <legend>{t("form.point")}</legend>
      <div class="keymap">
        <MapView label={t("form.map_label")} area={ownCentre()} items={item.point ? [item] : []} chosen={item.no} pin={pin} centre={pin ? null : item.point} zoom={16}
          pick={({ lon, lat }) => change({ lon: lon.toFixed(7), lat: lat.toFixed(7) })} />
      </div>
      <div class="pair">
        <TextField label={t("report.lon")} name="lon" mode="decimal" value={entered.lon} change={(lon) => change({ lon })} />
        <TextField label={t("report.lat")} name="lat" mode="decimal" value={entered.lat} change={(lat) => change({ lat })} />
      </div>
      {bad && <p class="fault" role="alert">{bad}</p>}
      <AddressInput entered={entered} change={change} faults={null} />
    </fieldset>
  );
}
