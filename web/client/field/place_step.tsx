/** Where it is: the phone's position with its accuracy, a pin that a tap moves, or numbers by hand. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Placement } from "../shared/api";
import { get, Problem } from "../shared/http";
import { t, word } from "../shared/language";
import { MapView } from "../shared/map/view";
import { TextField } from "../shared/parts/fields";
import { Banner } from "../shared/parts/states";
import { ownCentre } from "../shared/session";
import { locateMe, type NoFix, position } from "./position";
import { change, draft } from "./report_draft";

type Spot = NonNullable<typeof draft.value.spot>;

/** Asks where the point falls, so that a wrong pin is seen before sending; without a connection nothing is said. */
function useFalls(spot: Spot | null): { placement: Placement | null; problem: Problem | null } {
  const [answer, setAnswer] = useState<{ placement: Placement | null; problem: Problem | null }>({ placement: null, problem: null });
  useEffect(() => {
    setAnswer({ placement: null, problem: null });
    if (!spot) return undefined;
    const stop = new AbortController();
    const query = { lon: spot.lon, lat: spot.lat, crs: "wgs84", accuracy_m: spot.by_hand ? null : spot.accuracy_m };
    get<Placement>("locate", query, stop.signal).then(
      (placement) => setAnswer({ placement, problem: null }),
      (error: unknown) => error instanceof Problem && setAnswer({ placement: null, problem: error }),
    );
    return () => stop.abort();
  }, [spot?.lon, spot?.lat]);
  return answer;
}

function useLocating() {
  const [seconds, setSeconds] = useState<number | null>(null);
  const [missing, setMissing] = useState<NoFix | null>(null);
  const timer = useRef<ReturnType<typeof setInterval>>(undefined);
  const locate = async (): Promise<void> => {
    setMissing(null);
    setSeconds(0);
    timer.current = setInterval(() => setSeconds((now) => (now ?? 0) + 1), 1000);
    try {
      const fix = await locateMe();
      change({ spot: { lon: fix.lon, lat: fix.lat, accuracy_m: fix.accuracy_m, by_hand: false } });
    } catch (reason) {
      setMissing(reason as NoFix);
    } finally {
      clearInterval(timer.current);
      setSeconds(null);
    }
  };
  useEffect(() => {
    if (!draft.value.spot) void locate();
    return () => clearInterval(timer.current);
  }, []);
  return { seconds, missing, locate };
}

function ByHand({ spot, open }: { spot: Spot | null; open: boolean }) {
  const [lon, setLon] = useState(spot ? String(spot.lon) : "");
  const [lat, setLat] = useState(spot ? String(spot.lat) : "");
  const [bad, setBad] = useState(false);
  useEffect(() => {
    if (spot && Number(lon) !== spot.lon) setLon(spot.lon.toFixed(6));
    if (spot && Number(lat) !== spot.lat) setLat(spot.lat.toFixed(6));
  }, [spot?.lon, spot?.lat]);
  const take = (nextLon: string, nextLat: string): void => {
    setLon(nextLon);
    setLat(nextLat);
    if (!nextLon.trim() || !nextLat.trim()) return;
    const [x, y] = [Number(nextLon), Number(nextLat)];
    const fine = Number.isFinite(x) && Number.isFinite(y) && Math.abs(x) <= 180 && Math.abs(y) <= 90;
    setBad(!fine);
    if (fine) change({ spot: { lon: x, lat: y, accuracy_m: null, by_hand: true } });
  };
  return (
    <details open={open}>
      <summary>{t("report.manual")}</summary>
      <div class="pair">
        <TextField label={t("report.lon")} name="lon" mode="decimal" value={lon} change={(value) => take(value, lat)} />
        <TextField label={t("report.lat")} name="lat" mode="decimal" value={lat} change={(value) => take(lon, value)} />
      </div>
      {bad && <p class="fault" role="alert">{t("report.coordinates_bad")}</p>}
    </details>
  );
}

function Accuracy({ spot }: { spot: Spot }) {
  if (spot.by_hand) return <p>{t("report.pin_set")}</p>;
  const metres = Math.round(spot.accuracy_m ?? 0);
  return (
    <p>
      {t("report.accuracy", { d: metresWords(metres) })}
      {metres > 50 && <span class="fault"> {t("report.accuracy_low")}</span>}
    </p>
  );
}

export function PlaceStep() {
  const { spot } = draft.value;
  const { seconds, missing, locate } = useLocating();
  const { placement, problem } = useFalls(spot);
  const outside = problem?.name === "outside-grid";
  return (
    <div class="stack">
      <div class="mapbox tall">
        <MapView area={ownCentre()} pin={spot} accuracy={spot && !spot.by_hand ? spot.accuracy_m : null} here={position.value}
          centre={spot} zoom={17} pick={({ lon, lat }) => change({ spot: { lon: round(lon), lat: round(lat), accuracy_m: null, by_hand: true } })} />
      </div>
      <div role="status">
        {seconds !== null && <p>{t("report.locating", { s: seconds })}</p>}
        {spot && <Accuracy spot={spot} />}
        {placement && <p data-testid="falls">{t("report.falls", { place: placement.line.slice(1).map((cell) => cell.name).join(" › ") })} · {word("confidence", placement.confidence)}</p>}
        <p class="caption">{t("report.move_hint")}</p>
      </div>
      {missing && !spot && <Banner kind="warn">{t("report.no_position", { why: t(`report.why_${missing}`) })}</Banner>}
      {problem && <Banner kind="bad" testid="place-problem">{outsideWords(problem)}</Banner>}
      <ByHand spot={spot} open={missing !== null && !spot} />
      <div class="actions">
        <button type="button" class="button" disabled={seconds !== null} onClick={() => void locate()}>{t("report.relocate")}</button>
        <button type="button" class="button main" disabled={!spot || outside} onClick={() => change({ step: 3 })} data-testid="next">{t("act.next")}</button>
      </div>
    </div>
  );
}

/** `40 m`, `143.7 km`, `10,394.6 km` */
export function metresWords(metres: number): string {
  if (metres < 1000) return `${Math.round(metres)} m`;
  return `${(metres / 1000).toLocaleString("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 })} km`;
}

function outsideWords(problem: Problem): string {
  const metres = problem.body["distance_m"];
  if (problem.name === "outside-grid" && typeof metres === "number") return t("report.outside_far", { d: metresWords(metres) });
  return problem.message || t("report.outside");
}

/** A tap is never better than a centimetre. */
function round(degrees: number): number {
  return Math.round(degrees * 1e7) / 1e7;
}
