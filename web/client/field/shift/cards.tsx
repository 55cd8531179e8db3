/** On top of the tasks: whether I am on duty and where, who asks where I am, and what is amiss. */
import { lazily } from "../later";
import { brief, day, exact } from "../../shared/format";
import { clockSkew, serverNow } from "../../shared/http";
import { t } from "../../shared/language";
import { Banner } from "../../shared/parts/states";
import { useState } from "preact/hooks";
import { dutyAreas, settings, synced } from "../sync";
import { answered, clockIn, clockOut, duty, waitingCalls } from "./duty";
import { noTrack, outsideSince, pointsKept, pointsLost, tracking } from "./watch";

const RollCalls = lazily(() => import("./roll_calls").then((found) => found.RollCalls));

const WRONG_MS = 2 * 60_000;

/** `3 小时 2 分`: by how much the phone's clock is wrong. */
function apart(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  const hours = Math.floor(minutes / 60);
  return hours ? t("time.hours_minutes", { h: hours, m: minutes % 60 }) : t("time.minutes", { m: minutes });
}

/** `08:30` of today, else with its day. */
function atClock(moment: string): string {
  return day(moment) === day(serverNow()) ? exact(moment).slice(-5) : brief(moment);
}

function WrongClock() {
  const skew = clockSkew.value;
  if (Math.abs(skew) <= WRONG_MS) return null;
  return <Banner kind="warn" testid="clock-wrong">{t(skew < 0 ? "myshift.clock_fast" : "myshift.clock_slow", { length: apart(skew) })}</Banner>;
}

function Alarm() {
  if (!outsideSince.value) return null;
  const names = dutyAreas.value.map((area) => area.name).join(" · ");
  return (
    <div class="banner bad" role="alert" data-testid="fence-alarm">
      <div>
        <p class="strong">{t("myshift.outside", { since: atClock(outsideSince.value) })}</p>
        <p>{names ? t("myshift.outside_back", { names }) : t("myshift.outside_centre")}</p>
        <a class="button" href="#/map">{t("myshift.to_map")}</a>
      </div>
    </div>
  );
}

/** What is recorded, since when, how often: said as long as it goes on; and why nothing is, where it should be. */
export function TrackTold() {
  if (!tracking.value || !duty.value) return null;
  if (noTrack.value) return <p class="fault" role="status" data-testid="untracked">{t(`myshift.untracked_${noTrack.value}`)}</p>;
  const { every_seconds } = settings.value.track;
  return (
    <p class="caption" data-testid="track-told">
      <span aria-hidden="true">◉ </span>{t("myshift.track", { s: every_seconds, since: atClock(duty.value.started_at) })}
      {pointsKept.value > 0 && ` ${t("myshift.track_kept", { n: pointsKept.value })}`}
      {pointsLost.value && <span class="red"> {t("myshift.track_lost")}</span>}
    </p>
  );
}

function ClockOut() {
  const [asked, setAsked] = useState(false);
  if (!asked) return <button type="button" class="button" data-testid="clock-out" onClick={() => setAsked(true)}>{t("myshift.out")}</button>;
  return (
    <div class="sure">
      <p class="caption">{t(tracking.value ? "myshift.out_effect_track" : "myshift.out_effect")}</p>
      <div class="buttons">
        <button type="button" class="button main" data-testid="clock-out-sure" onClick={() => void clockOut().then(() => setAsked(false))}>{t("myshift.out_sure")}</button>
        <button type="button" class="button" onClick={() => setAsked(false)}>{t("act.cancel")}</button>
      </div>
    </div>
  );
}

export function DutyCard() {
  const now = duty.value;
  const areas = dutyAreas.value.map((area) => area.name).join(" · ");
  return (
    <section class="duty" aria-label={t("myshift.title")}>
      <div class="line">
        <p data-testid="duty-state" data-state={now ? (now.pending ? "pending" : "on") : "off"} role="status">
          <span class={`light ${now ? "green" : "paused"}`}><span class="shape" aria-hidden="true">{now ? "●" : "‖"}</span>{t(now ? "myshift.on" : "myshift.off")}</span>
          {now && <span class="muted"> {t("myshift.since", { time: atClock(now.started_at) })}</span>}
          {now?.pending && <span class="caption"> {t("myshift.pending")}</span>}
        </p>
        {!now && <button type="button" class="button main" data-testid="clock-in" onClick={() => void clockIn()}>{t("myshift.in")}</button>}
        {now && <ClockOut />}
      </div>
      {areas && <p class="caption">{t("myshift.areas", { names: areas })}</p>}
      <TrackTold />
    </section>
  );
}

export function DutyCards() {
  if (!synced.value && !duty.value) return null;
  return (
    <div class="duties">
      {waitingCalls.value.length + answered.value.length > 0 && <RollCalls />}
      <Alarm />
      <WrongClock />
      <DutyCard />
    </div>
  );
}
