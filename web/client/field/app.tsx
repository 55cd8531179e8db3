/** The frame of the phone: where I am, what waits, the room, the bottom bar. */
import { effect, untracked } from "@preact/signals";
import { CircleUser, ClipboardList, type IconNode, Map as MapIcon, CirclePlus } from "lucide";
import { useEffect } from "preact/hooks";
import { online, signedOut } from "../shared/http";
import { t } from "../shared/language";
import { Icon } from "../shared/parts/icon";
import { LanguageSwitch } from "../shared/parts/frame";
import { calmly } from "../shared/polling";
import { ownCentre, session, whenLeaving } from "../shared/session";
import { useStream } from "../shared/stream";
import { lazily } from "./later";
import { arrived, refused, startSending, waiting } from "./outbox/items";
import { OutboxBar } from "./outbox/bar";
import { followMe } from "./position";
import { Report } from "./report/room";
import { go, openPlace, type Room, route } from "./route";
import { countdown, useSeconds } from "./shift/countdown";
import { waitingCalls } from "./shift/duty";
import { outsideSince, watchDuty } from "./shift/watch";
import { keepOffline, lookForUpdate, takeUpdate, updateReady, wakeToSend } from "./sw/page";
import { dropSync, settings, startSync, synced, syncNow } from "./sync";
import { dropDetails, fetchDetails, recallDetails } from "./task_details";
import { noteGone } from "./task_list";
import { Tasks } from "./tasks";

const Task = lazily(() => import("./task").then((found) => found.Task));
const FieldMap = lazily(() => import("./map/field_map").then((found) => found.FieldMap));
const Mine = lazily(() => import("./mine").then((found) => found.Mine));
const MineCase = lazily(() => import("./mine_case").then((found) => found.MineCase));
const OutboxRoom = lazily(() => import("./outbox/room").then((found) => found.OutboxRoom));

const TABS: [Room, IconNode, "field.tasks" | "field.map" | "field.report" | "field.mine"][] = [
  ["tasks", ClipboardList, "field.tasks"],
  ["map", MapIcon, "field.map"],
  ["report", CirclePlus, "field.report"],
  ["mine", CircleUser, "field.mine"],
];

function RoomShown() {
  const { room, no } = route.value;
  if (room === "tasks") return no ? <Task no={no} key={no} /> : <Tasks />;
  if (room === "map") return <FieldMap />;
  if (room === "report") return <Report />;
  if (room === "outbox") return <OutboxRoom />;
  return no ? <MineCase no={no} key={no} /> : <Mine />;
}

// the outbox stays, and so do points of the track: they are sent when their person signs in again
whenLeaving((person) => Promise.all([dropSync(person), dropDetails(person), import("../shared/push").then((found) => found.pushForget())]));

/** All that goes on while the page is open; returns what stops it. */
function goOn(): () => void {
  const person = session.value?.person.id ?? 0;
  void recallDetails(person);
  const listed = effect(() => {
    const state = synced.value;
    if (!state) return;
    untracked(() => {
      noteGone(state.person, state.tasks);
      void fetchDetails(state.tasks);
    });
  });
  // a refused answer tells that the list is old, too
  const sent = effect(() => void (arrived.value + refused.value.length && untracked(syncNow)));
  const signedIn = effect(() => {
    if (signedOut.value) return;
    untracked(() => void syncNow());
    lookForUpdate();
  });
  const push = effect(() => {
    const key = settings.value.push_key;
    if (key) void import("../shared/push").then((found) => found.pushAgain(key)).catch(() => undefined);
  });
  // once when something waits, and again when the page is left: the worker then goes on alone
  const wake = (): void => void (waiting.value.length && wakeToSend());
  const toWake = effect(wake);
  const left = (): void => untracked(() => (document.visibilityState === "hidden" ? wake() : undefined));
  document.addEventListener("visibilitychange", left);
  const stops = [listed, sent, signedIn, push, toWake, startSync(), startSending(), followMe(), watchDuty(), keepOffline(openPlace)];
  return () => {
    document.removeEventListener("visibilitychange", left);
    stops.forEach((stop) => stop());
  };
}

/** Not in the middle of a report or an answer: nothing is taken out of anybody's hands. */
function UpdateBar() {
  const { room, no } = route.value;
  if (!updateReady.value || room === "report" || (room === "tasks" && no)) return null;
  return (
    <div class="notebar" role="status">
      <span>{t("update.ready")}</span>
      <button type="button" class="button" data-testid="update-ready" onClick={takeUpdate}>{t("update.take")}</button>
    </div>
  );
}

/** Who asks where I am is heard in every room. */
function CallBar() {
  const { room, no } = route.value;
  const [call] = waitingCalls.value;
  return call && (room !== "tasks" || no) ? <Called until={call.answer_by} /> : null;
}

/** The time burns for the eye; read aloud it would be each second. */
function Called({ until }: { until: string }) {
  const { text } = countdown(until, useSeconds());
  return (
    <div role="alert">
      <a class="outbar bad" href="#/tasks" data-testid="roll-call-bar">{t("myshift.call_bar")}<span aria-hidden="true" data-testid="roll-call-left"> · {text}</span></a>
    </div>
  );
}

/** So is that one has left the duty area: the tasks say it in full, the map shows where it lies. */
export function FenceBar() {
  const { room, no } = route.value;
  if (!outsideSince.value || (room === "tasks" && !no)) return null;
  return <div role="alert"><a class="outbar bad" href="#/map" data-testid="fence-bar">{t("myshift.outside_bar")}</a></div>;
}

/** With a keyboard: past the bars to the room, or to where the other rooms are. */
function Skips() {
  const to = (place: string) => (event: Event): void => {
    event.preventDefault();
    document.querySelector<HTMLElement>(place)?.focus();
  };
  return (
    <>
      <a class="skip" href="#room" data-testid="skip-room" onClick={to("#room")}>{t("field.skip")}</a>
      <a class="skip" href="#tabs" data-testid="skip-tabs" onClick={to("#tabs button")}>{t("field.skip_tabs")}</a>
    </>
  );
}

/** In the page's order before the room, which may be 200 tasks long; at the screen's foot for the thumb. */
export function Tabs() {
  return (
    <nav id="tabs" class="tabs" aria-label={t("field.nav")}>
      {TABS.map(([room, icon, text]) => (
        <button key={room} type="button" class={room === "report" ? "tab main" : "tab"} data-testid={`tab-${room}`}
          aria-current={route.value.room === room ? "page" : undefined} onClick={() => go(room)}>
          <Icon of={icon} />{t(text)}
        </button>
      ))}
    </nav>
  );
}

export function Field() {
  useEffect(goOn, []);
  const told = calmly(() => void syncNow(), 3000);
  useStream({ unread: told, opened: told, notice: () => void syncNow() }, !signedOut.value);
  const centre = ownCentre();
  return (
    <div class="phone">
      <Skips />
      <header class="topbar">
        <span class="grow strong">{centre?.name ?? t("field.title")}</span>
        <span class={`light ${online.value ? "green" : "paused"}`} role="status" data-testid="connection" data-state={online.value ? "online" : "offline"}>
          <span class="shape" aria-hidden="true">{online.value ? "●" : "‖"}</span>
          {t(online.value ? "field.online" : "field.offline")}
        </span>
        <LanguageSwitch />
      </header>
      <CallBar />
      <FenceBar />
      <OutboxBar />
      <UpdateBar />
      <Tabs />
      <main id="room" tabIndex={-1} class={`room room-${route.value.room}`}><RoomShown /></main>
    </div>
  );
}
