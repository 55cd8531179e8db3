/** The page's side of the service worker: registers it, tells of a new version, takes it when the reader says so. */
import { signal } from "@preact/signals";

/** A newer version lies ready on the phone. */
export const updateReady = signal(false);
/** Whether this page opens without a network; `no`: the browser or its storage does not allow it. */
export const opensOffline = signal<"unknown" | "yes" | "no">("unknown");

const HOURLY_MS = 3_600_000;
let registration: ServiceWorkerRegistration | null = null;
let taking = false;

const workers = (): ServiceWorkerContainer | null =>
  typeof navigator !== "undefined" && "serviceWorker" in navigator ? navigator.serviceWorker : null;

function look(): void {
  if (registration?.waiting && workers()?.controller) updateReady.value = true;
}

function follow(found: ServiceWorkerRegistration): void {
  registration = found;
  look();
  watch(found.installing);
  found.addEventListener("updatefound", () => watch(found.installing));
}

/** A first version that could not be kept (a full disk) leaves a page that needs its network. */
function watch(coming: ServiceWorker | null): void {
  coming?.addEventListener("statechange", () => {
    if (coming.state === "installed") look();
    if (coming.state === "redundant" && !registration?.active) opensOffline.value = "no";
  });
}

async function register(container: ServiceWorkerContainer): Promise<void> {
  try {
    follow(await container.register("/sw.js", { scope: "/field", updateViaCache: "none" }));
    const active = (await container.ready).active;
    opensOffline.value = "yes";
    active?.postMessage({ type: "fill" });
  } catch {
    opensOffline.value = container.controller ? "yes" : "no";
  }
}

/** Looks for a newer version; also tries again where the last look failed, as without a session. */
export function lookForUpdate(): void {
  registration?.update().catch(() => undefined);
}

/** Takes the newer version and opens it. */
export function takeUpdate(): void {
  taking = true;
  if (registration?.waiting) registration.waiting.postMessage({ type: "take" });
  else location.reload();
}

/** Registers when the page stands and the line is quiet; `open` goes to a place that a notification names. Returns what stops it. */
export function keepOffline(open: (place: string) => void): () => void {
  const container = workers();
  if (!container) {
    opensOffline.value = "no";
    return () => undefined;
  }
  let before = container.controller;
  const changed = (): void => {
    if (taking) return location.reload();
    // taken in another tab: this page's later parts may be gone, so it should be opened anew
    if (before) updateReady.value = true;
    before = container.controller;
  };
  const told = (event: MessageEvent<{ type?: string; place?: string }>): void => {
    if (event.data?.type === "open" && event.data.place) open(event.data.place);
  };
  const visible = (): void => void (document.visibilityState === "visible" && lookForUpdate());
  const start = setTimeout(() => void register(container), document.readyState === "complete" && before ? 0 : 1500);
  const hourly = setInterval(lookForUpdate, HOURLY_MS);
  container.addEventListener("controllerchange", changed);
  container.addEventListener("message", told);
  document.addEventListener("visibilitychange", visible);
  return () => {
    clearTimeout(start);
    clearInterval(hourly);
    container.removeEventListener("controllerchange", changed);
    container.removeEventListener("message", told);
    document.removeEventListener("visibilitychange", visible);
  };
}

interface WithSync extends ServiceWorkerRegistration {
  sync?: { register(tag: string): Promise<void> };
}

/** Asks the browser to wake the worker when the network is back, where it can. */
export async function wakeToSend(): Promise<void> {
  const found = registration as WithSync | null;
  await found?.sync?.register("outbox").catch(() => undefined);
}
