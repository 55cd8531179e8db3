/** While on duty: the position is watched, kept as a track where the centre does so, and judged by the duty area. */
import { computed, effect, signal } from "@preact/signals";
import { serverNow, signedOut } from "../../shared/http";
import { session } from "../../shared/session";
import { canLocate, type NoFix } from "../position";
import { dutyAreas, settings, synced } from "../sync";
import { duty, dutyWaits } from "./duty";
import type { Watch } from "./fence";
import { countPoints, keepPoint, sendPoints } from "./tracks";

export const tracking = computed(() => duty.value !== null && settings.value.track.enabled);
/** Points that wait on the phone. */
export const pointsKept = signal(0);
/** Why no point comes: location is not allowed, not possible here, or not to be had just now. */
export const noTrack = signal<NoFix | null>(null);
/** The phone could not keep a point: no room. */
export const pointsLost = signal(false);
const INSIDE: Watch = { since: null, alarm: false };
const KEPT = "wangge_outside";
const fence = signal<Watch>(INSIDE);
/** The last fix lay inside one of the areas. */
const seenInside = signal(false);
/** Outside the duty area since, by the phone's own judgement or the server's; ISO. */
export const outsideSince = computed(() => {
  if (!duty.value) return null;
  if (fence.value.alarm) return new Date(fence.value.since!).toISOString();
  const told = synced.value?.alarm;
  return told?.kind === "outside" && !seenInside.value ? told.started_at : null;
});

/** Since when outside in this shift, as the phone judged before the page was loaded anew. */
function recall(): Watch {
  try {
    const { shift, since } = JSON.parse(localStorage.getItem(KEPT) ?? "{}") as { shift?: string; since?: number };
    return shift === duty.peek()?.id && typeof since === "number" ? { since, alarm: true } : INSIDE;
  } catch {
    return INSIDE; // forbidden or spoilt: then the next positions tell
  }
}

/** An alarm outlives a reload, until a position within or the shift's end takes it back. */
function keep({ alarm, since }: Watch): void {
  try {
    if (alarm) localStorage.setItem(KEPT, JSON.stringify({ shift: duty.peek()?.id, since }));
    else localStorage.removeItem(KEPT);
  } catch {
    // forbidden: then it holds until the page is closed
  }
}

const SEND_MS = 60_000;
let last = 0;

/** The geometry is fetched when it is first needed. */
async function judgeFence(found: GeolocationPosition, at: number): Promise<void> {
  const { judge, metresOutside } = await import("./fence");
  const { enabled, metres, minutes } = settings.value.fence;
  const { longitude: lon, latitude: lat, accuracy } = found.coords;
  const before = fence.value.alarm;
  const away = metresOutside(dutyAreas.value, { lon, lat, accuracy_m: accuracy });
  seenInside.value = away !== null && away <= metres + accuracy;
  fence.value = enabled ? judge(fence.value, at, away, accuracy, { metres, minutes }) : INSIDE;
  if (fence.value.alarm !== before) keep(fence.value);
  if (fence.value.alarm && !before) navigator.vibrate?.([300, 150, 300]);
}

async function taken(found: GeolocationPosition): Promise<void> {
  // fixes are stamped by the phone's clock
  const at = found.timestamp + (serverNow().getTime() - Date.now());
  const person = session.value?.person.id;
  if (!person || !duty.value) return;
  await judgeFence(found, at).catch(() => undefined);
  if (at - last < settings.value.track.every_seconds * 1000 - 500) return;
  last = at;
  const { longitude: lon, latitude: lat, accuracy } = found.coords;
  try {
    await keepPoint({ person, at: Math.round(at), lon, lat, accuracy_m: Math.round(accuracy * 10) / 10 });
    pointsKept.value += 1;
    pointsLost.value = false;
  } catch {
    pointsLost.value = true;
  }
}

let sending = false;

/** Sends what waits; quietly, for the next minute comes. */
export async function sendTrack(): Promise<void> {
  const person = session.value?.person.id;
  if (!person || sending || signedOut.value || dutyWaits.value) return;
  sending = true;
  try {
    await sendPoints(person, settings.value.track.batch);
  } catch {
    // kept on the phone
  } finally {
    sending = false;
    pointsKept.value = await countPoints(person).catch(() => 0);
  }
}

/** Watches as long as somebody is on duty and the centre keeps tracks. Returns what stops it. */
export function watchDuty(): () => void {
  let watch: number | null = null;
  const stop = (): void => {
    if (watch !== null) navigator.geolocation.clearWatch(watch);
    watch = null;
    noTrack.value = null;
    fence.value = INSIDE;
    seenInside.value = false;
  };
  const begin = (): void => {
    if (watch !== null || !tracking.peek()) return;
    if (!canLocate()) return void (noTrack.value = "missing");
    if (settings.peek().fence.enabled && !fence.peek().alarm) fence.value = recall();
    const found = (position: GeolocationPosition): void => {
      noTrack.value = null;
      void taken(position);
    };
    const failed = ({ code }: GeolocationPositionError): void => {
      noTrack.value = code === 1 ? "denied" : "timeout";
      if (code !== 1 || watch === null) return;
      navigator.geolocation.clearWatch(watch);
      watch = null;
    };
    watch = navigator.geolocation.watchPosition(found, failed, { enableHighAccuracy: true, maximumAge: 10_000 });
  };
  const follow = effect(() => (tracking.value ? begin() : stop()));
  // it may have been allowed meanwhile, in the browser's settings
  const again = (): void => (document.visibilityState === "visible" ? begin() : undefined);
  document.addEventListener("visibilitychange", again);
  const timer = setInterval(() => void sendTrack(), SEND_MS);
  const heard = effect(() => {
    // after a beginning or an end has arrived
    if (!dutyWaits.value) void sendTrack();
  });
  const online = (): void => void sendTrack();
  window.addEventListener("online", online);
  return () => {
    follow();
    heard();
    stop();
    clearInterval(timer);
    document.removeEventListener("visibilitychange", again);
    window.removeEventListener("online", online);
  };
}
