/** The service worker of `/field`: the page opens without a network, photos of tasks are kept, pushes are shown. */
/// <reference lib="webworker" />
import { cacheOf, isFinal, isOwnShell, isSound, oldCaches, PHOTOS, placeOf, type Precache, SHELL, tooMany, wayOf } from "./rules";
import { sendInBackground } from "./sending";

declare const self: ServiceWorkerGlobalScope;
declare const PRECACHE: Precache;

const { version, entry, essential, rest } = PRECACHE;

async function lay(cache: Cache, path: string): Promise<void> {
  if (await cache.match(path)) return;
  // hashed names never change their content: what the browser has is good; all else is asked for anew
  const fresh: RequestInit = path.startsWith("/static/assets/") ? {} : { cache: "no-cache" };
  const answer = await fetch(path, { credentials: "same-origin", ...fresh });
  if (!isSound(answer)) throw new Error(`${path}: ${answer.status}`);
  await cache.put(path, answer);
}

async function layShell(cache: Cache): Promise<void> {
  const answer = await fetch(SHELL, { credentials: "same-origin", cache: "no-cache" });
  if (!isSound(answer) || !isOwnShell(await answer.clone().text(), entry)) throw new Error(`${SHELL}: not this version's`);
  await cache.put(SHELL, answer);
}

/** The rest of the page; what does not come now comes at the next start. */
async function fill(): Promise<void> {
  const cache = await caches.open(cacheOf(version));
  for (const path of rest) await lay(cache, path).catch(() => undefined);
}

async function install(): Promise<void> {
  const cache = await caches.open(cacheOf(version));
  try {
    await layShell(cache);
    for (const path of essential) await lay(cache, path);
    // a version that waits has time, and must be whole when it takes over, perhaps without a network
    if (self.registration.active) for (const path of rest) await lay(cache, path);
  } catch (error) {
    await caches.delete(cacheOf(version));
    throw error;
  }
}

async function activate(): Promise<void> {
  const old = oldCaches(await caches.keys(), version);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** Asks for the page behind the reader's back: kept if it is this version's, else a newer one is looked for. */
async function revalidate(): Promise<void> {
  try {
    const answer = await fetch(SHELL, { credentials: "same-origin", cache: "no-cache" });
    if (!isSound(answer)) return;
    if (isOwnShell(await answer.clone().text(), entry)) await (await caches.open(cacheOf(version))).put(SHELL, answer);
    else await self.registration.update();
  } catch {
    // no network, or no room: the kept page stays
  }
}

async function shell(event: FetchEvent): Promise<Response> {
  const kept = await caches.match(SHELL, { cacheName: cacheOf(version) });
  if (!kept) return fetch(event.request);
  event.waitUntil(revalidate());
  return kept;
}

async function asset(request: Request): Promise<Response> {
  const kept = await caches.match(request, { cacheName: cacheOf(version), ignoreVary: true });
  return kept ?? fetch(request);
}

/** A first small copy says no-cache, for the real one follows: it is asked for again as long as there is a network. */
async function photo(event: FetchEvent): Promise<Response> {
  const kept = await caches.match(event.request, { cacheName: PHOTOS, ignoreVary: true });
  if (kept && isFinal(kept.headers.get("cache-control"))) return kept;
  try {
    const answer = await fetch(event.request);
    if (isSound(answer)) event.waitUntil(keepPhoto(event.request, answer.clone()));
    return answer.ok || !kept ? answer : kept;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

async function keepPhoto(request: Request, answer: Response): Promise<void> {
  try {
    const cache = await caches.open(PHOTOS);
    await cache.put(request, answer);
    await Promise.all(tooMany(await cache.keys()).map((key) => cache.delete(key)));
  } catch {
    // no room: the photo is shown all the same
  }
}

interface Push {
  title?: string;
  body?: string;
  url?: string;
  tag?: string;
}

function pushed(event: PushEvent): Push {
  try {
    return (event.data?.json() ?? {}) as Push;
  } catch {
    return { body: event.data?.text() ?? "" };
  }
}

async function open(place: string): Promise<void> {
  const pages = await self.clients.matchAll({ type: "window" });
  const page = pages.find((client) => new URL(client.url).pathname === SHELL);
  if (!page) return void (await self.clients.openWindow(place));
  page.postMessage({ type: "open", place });
  await page.focus();
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => {
  const { type } = (event.data ?? {}) as { type?: string };
  if (type === "take") void self.skipWaiting();
  if (type === "fill") event.waitUntil(fill());
});
self.addEventListener("fetch", (event) => {
  const way = wayOf(event.request, self.location.origin);
  if (way === "shell") event.respondWith(shell(event));
  else if (way === "asset") event.respondWith(asset(event.request));
  else if (way === "photo") event.respondWith(photo(event));
});
self.addEventListener("push", (event) => {
  const { title = "网格化管理 · Wangge", body = "", url, tag } = pushed(event);
  const data = { place: placeOf(url, self.location.origin) };
  const shown = { body, data, icon: "/static/icon-192.png", badge: "/static/badge-96.png", ...(tag && { tag, renotify: true }) };
  event.waitUntil(self.registration.showNotification(title, shown));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(placeOf((event.notification.data as { place?: string } | null)?.place, self.location.origin)));
});
// where the browser wakes us when the network is back: what waits is sent though no page is open
self.addEventListener("sync", ((event: ExtendableEvent & { tag: string }) => {
  if (event.tag === "outbox") event.waitUntil(sendInBackground());
}) as EventListener);
