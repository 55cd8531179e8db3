/** Those on duty: a list, those with an alarm first, and the same people on the map. */
import { exact, length } from "../../shared/format";
import { t } from "../../shared/language";
import { MapView } from "../../shared/map/view";
import { Banner, Empty } from "../../shared/parts/states";
import { ownCentre } from "../../shared/session";
import { type DutyArea, lightOf, type OnDuty, type Patrol, stateWords } from "./data";

const SHAPES = { red: "■", yellow: "▲", green: "●" } as const;

function seenWords({ seen }: OnDuty): string {
  if (!seen) return t("patrol.seen_never");
  return seen.age_seconds < 60 ? t("patrol.seen_now") : t("patrol.seen_ago", { length: length(Math.floor(seen.age_seconds / 60)) });
}

function Row({ one, patrol, chosen, choose }: { one: OnDuty; patrol: Patrol; chosen: boolean; choose: (id: number) => void }) {
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
    </tr>
  );
}

export function OnDutyList({ patrol, chosen, choose }: { patrol: Patrol; chosen: number | null; choose: (id: number) => void }) {
  if (!patrol.items.length) return <Empty>{t("patrol.nobody")}</Empty>;
  return (
    <>
      {!patrol.tracks && <Banner>{t("patrol.no_tracks")}</Banner>}
      {patrol.more && <Banner kind="warn">{t("patrol.more", { n: patrol.items.length })}</Banner>}
      <div class="tablebox" tabIndex={0} role="region" aria-label={t("patrol.on_duty", { n: patrol.items.length })}>
        <table>
          <thead><tr>{(["person", "since", "seen", "area", "state"] as const).map((name) => <th key={name} scope="col">{t(`patrol.${name}`)}</th>)}</tr></thead>
          <tbody>{patrol.items.map((one) => <Row key={one.shift} one={one} patrol={patrol} chosen={chosen === one.person.id} choose={choose} />)}</tbody>
        </table>
      </div>
    </>
  );
}

export function OnDutyMap({ patrol, areas, chosen, choose }: { patrol: Patrol; areas: DutyArea[]; chosen: number | null; choose: (id: number) => void }) {
  const items = patrol.items.flatMap((one) => (one.seen ? [{ no: String(one.person.id), light: lightOf(one, patrol.tracks), point: { lon: one.seen.lon, lat: one.seen.lat, crs: "wgs84" as const } }] : []));
  const spot = items.find((item) => item.no === String(chosen))?.point ?? null;
  return (
    <figure class="patrolmap">
      <MapView area={ownCentre()} items={items} duty={areas} chosen={chosen === null ? null : String(chosen)} centre={spot} choose={(no) => choose(Number(no))} label={t("patrol.map")} />
      <figcaption class="caption">{t("patrol.map_hint")}</figcaption>
    </figure>
  );
}
