/** The whole of each task, with its photos, fetched ahead while there is a connection: what is asked can be read anywhere. */
import { signal } from "@preact/signals";
import type { CaseDetail } from "../shared/api";
import { fetchCase } from "../shared/case/data";
import { online, Problem } from "../shared/http";
import { session } from "../shared/session";
import { dropValue, keepValue, readValue } from "./store";
import { PHOTOS } from "./sw/rules";
import type { Task } from "./sync_shapes";

export const details = signal<Record<string, CaseDetail>>({});

const MOST = 60;
const keyOf = (person: number): string => `sync:${person}:details`;

export async function recallDetails(person: number): Promise<void> {
  details.value = (await readValue<Record<string, CaseDetail>>(keyOf(person)).catch(() => undefined)) ?? {};
}

export async function dropDetails(person: number): Promise<void> {
  details.value = {};
  await dropValue(keyOf(person)).catch(() => undefined);
  if (typeof caches !== "undefined") await caches.delete(PHOTOS).catch(() => false);
}

/** Which cases are to be fetched: not there yet, or another version of them. */
export function lackingDetails(listed: readonly Task[], have: Record<string, CaseDetail>): string[] {
  return listed.slice(0, MOST).filter((task) => have[task.no]?.version !== task.version).map((task) => task.no);
}

async function lay(no: string): Promise<void> {
  const found = await fetchCase(no);
  details.value = { ...details.value, [no]: found };
}

/** The worker keeps each photo that passes through it. */
async function layPhotos(listed: readonly Task[]): Promise<void> {
  if (typeof caches === "undefined" || !navigator.serviceWorker?.controller) return;
  for (const id of new Set(listed.flatMap((task) => task.photos))) {
    if (!online.value) return;
    const address = `/api/v1/photos/${id}`;
    if (!(await caches.match(address, { cacheName: PHOTOS, ignoreVary: true }))) await fetch(address).catch(() => undefined);
  }
}

let busy = false;

/** One after the other, so that reports on their way are not slowed; what fails is fetched another time. */
export async function fetchDetails(listed: readonly Task[]): Promise<void> {
  const person = session.value?.person.id;
  if (busy || !person || !online.value) return;
  busy = true;
  try {
    const open = new Set(listed.map((task) => task.no));
    const lacking = lackingDetails(listed, details.value);
    for (const no of lacking) await lay(no).catch((error: unknown) => (error instanceof Problem ? undefined : Promise.reject(error)));
    const stale = Object.keys(details.value).filter((no) => !open.has(no));
    details.value = Object.fromEntries(Object.entries(details.value).filter(([no]) => open.has(no)));
    if (lacking.length || stale.length) await keepValue(keyOf(person), details.value);
    await layPhotos(listed);
  } catch {
    // no connection, or no room: the list itself says the most needed
  } finally {
    busy = false;
  }
}
