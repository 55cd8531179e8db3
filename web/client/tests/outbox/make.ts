/** Items, photos and a fresh store for tests of the outbox. */
import { vi } from "vitest";
import type { Means } from "../../field/outbox/exchange";
import type { Kept, Kind } from "../../field/outbox/kinds";
import { stored } from "../../field/outbox/queue";
import { keepItem } from "../../field/outbox/queue";
import { sha256 } from "../../field/outbox/run";
import type { Picture } from "../../shared/pictures";
import { closeStore, NAME } from "../../field/store";
import { keptPicture } from "../../field/store_upgrade";
import type { FakeServer } from "./fake_server";

export async function emptyStore(): Promise<void> {
  await closeStore();
  await new Promise<void>((done, fail) => {
    const asked = indexedDB.deleteDatabase(NAME);
    asked.onsuccess = () => done();
    asked.onerror = asked.onblocked = () => fail(new Error("the store is held open"));
  });
}

export function picture(id: string, size = 3): Picture {
  return { id, type: "image/jpeg", bytes: new Uint8Array(size).fill(id.length).buffer, sent: false };
}

const CAPTURED = Date.parse("2026-11-22T00:30:00Z");

export function item(id: string, part: Partial<Kept> = {}, kind: Kind = "report", pictures: Picture[] = []): Kept {
  const at = new Date(CAPTURED).toISOString();
  return {
    id, kind, person: 7, person_name: "王", made_at: at, device_at: at, turn: 0, pictures: pictures.map(keptPicture), state: "waiting", attempts: 0,
    stamp: { device_ms: CAPTURED, skew: 0, guess: null, moved: 0, gaps: 0 },
    uncertain: false, final: false, failures: 0, after: 0, trouble: null, refusal: null, answer: null, duty: null, receipt: null, sent_at: null, received_at: null, form: null,
    report: kind === "report" ? { source: "inspector", description: "井盖缺失", observed_at: at, photos: pictures.map((each) => each.id) } : null,
    ...part,
  };
}

/** Stands in the store, with its photos. */
export async function given(id: string, pictures: Picture[] = [], part: Partial<Kept> = {}, kind: Kind = "report"): Promise<Kept> {
  return keepItem(item(id, part, kind, pictures), pictures);
}

/** Means whose time stands still unless a test moves it; nothing is ever silent too long. */
export function means(server: FakeServer, part: Partial<Means> = {}): Means {
  return {
    store: stored, ask: server.ask, now: () => Date.parse("2026-11-22T01:00:00Z"), wait: () => new Promise(() => undefined),
    random: () => 0.5, hash: sha256, ...part,
  };
}

export async function all(): Promise<Record<string, Kept>> {
  return Object.fromEntries((await stored.items()).map((each) => [each.id, each]));
}

export const noSleep = (): void => void vi.useRealTimers();
