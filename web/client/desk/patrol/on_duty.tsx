/** Those on duty: a list, those with an alarm first, and the same people on the map. */
import { exact, length } from "../../shared/format";
import { t } from "../../shared/language";
import { MapView } from "../../shared/map/view";
import { Banner, Empty } from "../../shared/parts/states";
import { ownCentre } from "../../shared/session";
import { type DutyArea, lightOf, type OnDuty, type Patrol, type Place, stateWords } from "./data";

const SHAPES = { red: "■", yellow: "▲", green: "●" } as const;

function seenWords({ seen }: OnDuty): string {
  if (!seen) return t("patrol.seen_never");
  return seen.age_seconds < 60 ? t("patrol.seen_now") : t("patrol.seen_ago", { length: length(Math.floor(seen.age_seconds / 60)) });
}

interface RowProps {
  one: OnDuty;
  patrol: Patrol;
  chosen: boolean;
  choose: (id: number) => void;
  call: (one: OnDuty) => void;
}

function Row({ one, patrol, chosen, choose, call }: RowProps) {
  const light = lightOf(one, patrol.tracks);
  const areas = one.duty_areas.map((area) => area.name).join(", ") || t("patrol.area_none", { centre: one.centre.name });
  return (
    <tr class={chosen ? "chosenrow" : ""} data-testid="on-duty" data-person={one.person.id} data-light={light}>
      <th scope="row">
        <button type="button" class="button plain" aria-pressed={chosen} disabled={!one.seen} onClick={() => choose(one.person.id)}>{one.person.name}</button>
      </th>
      <td><time dateTime={one.since} title={exact(one.since)}>{exact(one.since).slice(11)}</time></td>
      <td title={exact(one.seen?.at)}>{seenWords(one)}</td>
      <td>{areas}</td>
      <td><span class={`light ${light}`}><span class="shape" aria-hidden="true">{SHAPES[light]}</span>{stateWords(one, patrol)}</span></td>
      <td><button type="button" class="button" data-testid="call-one" aria-label={`${t("roll.call")} ${one.person.name}`} onClick={() => call(one)}>{t("roll.call")}</button></td>
    </tr>
  );
}

interface ListProps {
  patrol: Patrol;
  chosen: number | null;
  choose: (id: number) => void;
  call: (one: OnDuty) => void;
}

export function OnDutyList({ patrol, chosen, choose, call }: ListProps) {
  if (!patrol.items.length) return <Empty>{t("patrol.nobody")}</Empty>;
  return (
    <>
      {!patrol.tracks && <Banner>{t("patrol.no_tracks")}</Banner>}
      {patrol.more && <Banner kind="warn">{t("patrol.more", { n: patrol.items.length })}</Banner>}
      <div class="tablebox" tabIndex={0} role="region" aria-label={t("patrol.on_duty", { n: patrol.items.length })}>
        <table>
          <thead><tr>{(["person", "since", "seen", "area", "state"] as const).map((name) => <th key={name} scope="col">{t(`patrol.${name}`)}</th>)}<td /></tr></thead>
          <tbody>{patrol.items.map((one) => <Row key={one.shift} one={one} patrol={patrol} chosen={chosen === one.person.id} choose={choose} call={call} />)}</tbody>
        </table>
      </div>
    </>
  );
}

interface MapProps {
  patrol: Patrol;
  areas: DutyArea[];
  chosen: number | null;
  choose: (id: number) => void;
  /** From where a roll call was answered. */
  place: Place | null;
}

const ANSWER = "answer";

export function OnDutyMap({ patrol, areas, chosen, choose, place }: MapProps) {
  const people = patrol.items.flatMap((one) => (one.seen ? [{ no: String(one.person.id), light: lightOf(one, patrol.tracks), point: { lon: one.seen.lon, lat: one.seen.lat, crs: "wgs84" as const } }] : []));
  const light = place?.state === "answered" ? "green" as const : "yellow" as const;
  const items = place ? [...people, { no: ANSWER, light, point: { lon: place.lon, lat: place.lat, crs: "wgs84" as const } }] : people;
  const shown = place ? ANSWER : chosen === null ? null : String(chosen);
  const spot = items.find((item) => item.no === shown)?.point ?? null;
  return (
    <figure class="patrolmap">
      <MapView area={ownCentre()} items={items} duty={areas} chosen={shown} centre={spot} choose={(no) => (no === ANSWER ? undefined : choose(Number(no)))} label={t("patrol.map")} />
      <figcaption class="caption" aria-live="polite">{place ? t("patrol.map_answer", { name: place.name, time: exact(place.at).slice(11) }) : t("patrol.map_hint")}</figcaption>
    </figure>
  );
}
