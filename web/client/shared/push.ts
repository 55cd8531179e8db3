/** Web Push: whether this browser can, and switching it on and off for this person. */
import { call, put } from "./http";
import { language } from "./language";

export type PushState = "missing" | "no_key" | "denied" | "off" | "on";

function bytesOf(key: string): Uint8Array<ArrayBuffer> {
  const plain = atob(key.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

async function manager(): Promise<PushManager | null> {
  if (typeof navigator === "undefined" || !("serviceWorker" in navigator) || !("PushManager" in window)) return null;
  const registration = await navigator.serviceWorker.getRegistration();
  return registration?.pushManager ?? null;
}

export async function pushState(key: string | null): Promise<PushState> {
  const push = await manager();
  if (!push || typeof Notification === "undefined") return "missing";
  if (!key) return "no_key";
  if (Notification.permission === "denied") return "denied";
  return (await push.getSubscription()) ? "on" : "off";
}

async function tell(subscription: PushSubscription): Promise<void> {
  const { endpoint, keys } = subscription.toJSON();
  await put("push", { endpoint, keys: { p256dh: keys?.["p256dh"], auth: keys?.["auth"] }, language: language.value === "en" ? "en" : "zh" });
}

/** Asks the browser, then tells the server where to; throws where the server could not be told, and nothing is on then. */
export async function pushOn(key: string): Promise<PushState> {
  const push = await manager();
  if (!push) return "missing";
  if ((await Notification.requestPermission()) !== "granted") return Notification.permission === "denied" ? "denied" : "off";
  const subscription = await push.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) });
  try {
    await tell(subscription);
  } catch (error) {
    await subscription.unsubscribe();
    throw error;
  }
  return "on";
}

/** The browser forgets the address at once, the server as soon as it hears. */
export async function pushOff(): Promise<void> {
  const subscription = await (await manager())?.getSubscription();
  if (!subscription) return;
  await subscription.unsubscribe();
  await call("DELETE", "push", { query: { endpoint: subscription.endpoint } });
}

/** Browsers change addresses, and persons change on a phone: the server is told at each start. */
export async function pushAgain(key: string | null): Promise<void> {
  if (!key || typeof Notification === "undefined" || Notification.permission !== "granted") return;
  const subscription = await (await manager())?.getSubscription();
  if (subscription) await tell(subscription).catch(() => undefined);
}


/** For the next person of this phone: the push service then tells the server that the address is gone. */
export async function pushForget(): Promise<void> {
  await (await (await manager())?.getSubscription())?.unsubscribe();
}
