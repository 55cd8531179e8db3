/** One sends at a time, of all tabs and the service worker: by the browser's locks, or by a lease in the store. */
import { newId } from "../../shared/ids";
import { write } from "../store";

const LOCK = "wangge-sending";
const LEASE_MS = 90_000;

interface Lease {
  holder: string;
  until: number;
}

export type Hold = () => Promise<boolean>;
type Locks = Pick<LockManager, "request">;

/** Takes or renews the lease; false: another one has it. */
async function take(holder: string, now: number): Promise<boolean> {
  return write(["kept"], async (tx) => {
    const lease = (await tx.objectStore("kept").get("lease")) as Lease | undefined;
    // a lease far ahead was written before the phone's clock was set back
    const held = lease && lease.holder !== holder && lease.until > now && lease.until < now + 2 * LEASE_MS;
    if (held) return false;
    await tx.objectStore("kept").put({ holder, until: now + LEASE_MS } satisfies Lease, "lease");
    return true;
  }, false);
}

async function giveBack(holder: string): Promise<void> {
  await write(["kept"], async (tx) => {
    const lease = (await tx.objectStore("kept").get("lease")) as Lease | undefined;
    if (lease?.holder === holder) await tx.objectStore("kept").delete("lease");
  }, false);
}

async function byLease<T>(work: (hold: Hold) => Promise<T>, now: () => number): Promise<T | null> {
  const holder = newId();
  if (!(await take(holder, now()))) return null;
  try {
    return await work(() => take(holder, now()));
  } finally {
    await giveBack(holder).catch(() => undefined);
  }
}

/** Runs `work` unless another one is sending: then null. `hold` says whether it still may. */
export async function alone<T>(work: (hold: Hold) => Promise<T>, now: () => number = Date.now,
  locks: Locks | undefined = typeof navigator === "undefined" ? undefined : navigator.locks): Promise<T | null> {
  if (!locks) {
    // without a store nothing is shared either: this page is the only one
    const free = await byLease(work, now).catch((error: unknown) => (error instanceof DOMException ? "no store" : Promise.reject(error)));
    return free === "no store" ? work(() => Promise.resolve(true)) : (free as T | null);
  }
  return (await locks.request(LOCK, { ifAvailable: true }, async (lock) => (lock ? work(() => Promise.resolve(true)) : null))) as T | null;
}
