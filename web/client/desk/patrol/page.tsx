/** The patrol: who is on duty and where, roll calls with their answers as they come, duty areas. */
import { useRef, useState } from "preact/hooks";
import { exact } from "../../shared/format";
import { t } from "../../shared/language";
import { Banner, Failure, Loading, OfflineBanner } from "../../shared/parts/states";
import { useStream } from "../../shared/stream";
import { Areas } from "./areas";
import { CallForm } from "./call_form";
import { type OnDuty, type Place, readAreas, readCalls, readPatrol } from "./data";
import { OnDutyList, OnDutyMap } from "./on_duty";
import { RollCalls } from "./roll_calls";
import { useAsked } from "./use_asked";
import "./patrol.css";

const SECONDS = 5;
const AREAS_SECONDS = 60;

export function PatrolPage() {
  const patrol = useAsked(readPatrol, SECONDS);
  const calls = useAsked(readCalls, SECONDS);
  const areas = useAsked(readAreas, AREAS_SECONDS);
  const [person, setPerson] = useState<number | null>(null);
  const [call, setCall] = useState<number | null>(null);
  const [asked, setAsked] = useState<OnDuty | null>(null);
  const [place, setPlace] = useState<Place | null>(null);
  const side = useRef<HTMLDivElement>(null);
  const choose = (id: number): void => {
    setPlace(null);
    setPerson(id);
  };
  const ask = (one: OnDuty): void => {
    setAsked(one);
    side.current?.querySelector<HTMLElement>("select")?.focus();
  };
  useStream({ unread: () => void patrol.again() });
  const now = patrol.value;
  return (
    <main class="patrol" id="patrol" data-testid="patrol">
      <OfflineBanner />
      <div class="patrolcolumns">
        <section class="panel duty" aria-label={t("patrol.title")}>
          <h2 aria-live="polite">{now ? t("patrol.on_duty", { n: now.items.length }) : t("patrol.title")}</h2>
          {!now && (patrol.error ? <Failure error={patrol.error} retry={() => void patrol.again()} /> : <Loading />)}
          {now && patrol.error ? <Banner kind="warn">{t("patrol.stale", { time: exact(now.now).slice(11) })}</Banner> : null}
          {now && <OnDutyList patrol={now} chosen={person} choose={choose} call={ask} />}
          {now && (place ?? now.items.some((one) => one.seen)) && <OnDutyMap patrol={now} areas={areas.value ?? []} chosen={person} choose={choose} place={place} />}
        </section>
        <div class="patrolside" ref={side}>
          <CallForm one={asked} all={() => setAsked(null)} called={({ id }) => {
            setCall(id);
            void calls.again();
          }} />
          <RollCalls calls={calls.value?.items ?? null} error={calls.error} again={() => void calls.again()} open={call} choose={setCall} seconds={SECONDS} show={setPlace} />
          <Areas areas={areas.value} error={areas.error} again={() => void areas.again()} />
        </div>
      </div>
    </main>
  );
}
