import "fake-indexeddb/auto";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import "../../field/texts";
import type { Session } from "../../shared/api";
import { online, signedOut } from "../../shared/http";
import { speak } from "../../shared/language";
import { session } from "../../shared/session";
import { forgetDrafts, readAnswerDraft } from "../../field/outbox/drafts";
import { enqueue, load, nextTry, outbox } from "../../field/outbox/items";
import { forgetHeld, stored } from "../../field/outbox/queue";
import { LONGEST_HOLD_MS, sendAll } from "../../field/outbox/sender";
import { position } from "../../field/position";
import { callKey, receipts } from "../../field/shift/duty";
import { RollCalls } from "../../field/shift/roll_calls";
import { DEFAULTS, synced } from "../../field/sync";
import type { RollCall } from "../../field/sync_shapes";
import { FakeServer } from "../outbox/fake_server";
import { emptyStore, means } from "../outbox/make";

const call: RollCall = { id: 5, answer_by: "2026-11-22T02:00:00Z", called_at: "2026-11-22T01:00:00Z", centre: { code: "c", name: "南京东路街道" }, photo_wanted: false, text: "" };
const room = document.body.appendChild(document.createElement("div"));
let asked: { found: PositionCallback; failed: PositionErrorCallback }[] = [];

const show = (): Promise<void> => Promise.resolve(act(() => render(<RollCalls />, room)));
const part = <T extends HTMLElement>(selector: string): Promise<T> =>
  vi.waitFor(() => room.querySelector<T>(selector) ?? Promise.reject(new Error(`no ${selector}`)));
const only = async () => (await stored.items())[0]!;
const body = async () => (await only()).duty!.body;

async function type(text: string): Promise<void> {
  const field = await part<HTMLInputElement>("input, textarea");
  await act(() => {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

async function tap(): Promise<void> {
  const button = await part<HTMLButtonElement>('[data-testid="roll-call-answer"]');
  await act(() => button.click());
  await vi.waitFor(async () => expect(await stored.items()).toHaveLength(1));
}

beforeEach(async () => {
  await show().then(() => act(() => render(null, room)));
  forgetHeld();
  forgetDrafts();
  await emptyStore();
  [outbox.value, asked] = [[], []];
  [nextTry.value, position.value] = [null, null];
  signedOut.value = false;
  online.value = true;
  speak("zh-CN");
  session.value = { person: { id: 7, username: "inspector", name: "王" } } as Session;
  synced.value = { person: 7, now: "2026-11-22T01:00:00Z", settings: DEFAULTS, duty_areas: [], shift: null, roll_calls: [call], tasks: [], reports: [], unread: 0, alarm: null } as never;
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
  vi.stubGlobal("isSecureContext", true);
  const watchPosition = (found: PositionCallback, failed: PositionErrorCallback): number => asked.push({ found, failed });
  Object.defineProperty(navigator, "geolocation", { configurable: true, value: { watchPosition, clearWatch: () => undefined } });
});

afterEach(() => act(() => render(null, room)));

describe("the answer to a roll call", () => {
  it("is kept while it is written, and there again after the page was left", async () => {
    await show();
    await type("在岗");
    await vi.waitFor(async () => expect((await readAnswerDraft(callKey(call)))?.text).toBe("在岗"));
    await act(() => render(null, room));
    forgetDrafts();
    await show();
    expect((await part<HTMLInputElement>("input, textarea")).value).toBe("在岗");
  });

  it("is on the phone from the tap on, before any position has come; then the position is added", async () => {
    position.value = { lon: 121.4, lat: 31.2, accuracy_m: 300, at: Date.now() - 30_000 };
    await show();
    await type("在岗");
    await tap();
    expect(await body()).toMatchObject({ text: "在岗", point: { lon: 121.4, accuracy_m: 300 } });
    expect(await readAnswerDraft(callKey(call))).toBeNull();
    asked[0]!.found({ coords: { longitude: 121.4737, latitude: 31.2304, accuracy: 8, heading: null }, timestamp: Date.now() } as GeolocationPosition);
    await vi.waitFor(async () => expect(await only()).toMatchObject({ hold: 0 }));
    expect(await body()).toMatchObject({ text: "在岗", point: { lon: 121.4737, lat: 31.2304, accuracy_m: 8 } });
  });

  it("goes without a position where none may be had", async () => {
    await show();
    await tap();
    expect((await only()).hold).toBeGreaterThan(Date.now());
    asked[0]!.failed({ code: 1 } as GeolocationPositionError);
    await vi.waitFor(async () => expect(await only()).toMatchObject({ hold: 0 }));
    expect(await body()).toMatchObject({ point: null });
  });

  it("waits for nothing where a good position was known a moment ago", async () => {
    position.value = { lon: 121.4737, lat: 31.2304, accuracy_m: 8, at: Date.now() - 2_000 };
    await show();
    await tap();
    expect((await only()).hold).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

describe("its receipt", () => {
  const receipt = (): HTMLElement | null => room.querySelector('[data-testid="roll-call-receipt"]');

  it("says first that it is on the phone, then that it has arrived, until it was read", async () => {
    position.value = { lon: 121.4737, lat: 31.2304, accuracy_m: 8, at: Date.now() - 2_000 };
    await show();
    await tap();
    await vi.waitFor(() => expect(receipt()?.textContent).toContain("已回复南京东路街道的点名"));
    expect(receipt()?.textContent).toContain("已存在手机,联网后送达");
    expect(receipt()?.textContent).not.toMatch(/已送达/);
    await act(() => {
      outbox.value = outbox.value.map((item) => ({ ...item, state: "accepted" as const, received_at: "2026-11-22T01:05:00.000Z" }));
    });
    expect(receipt()?.dataset["state"]).toBe("accepted");
    expect(receipt()?.textContent).toContain("已送达 11月22日 09:05");
    await act(() => receipt()!.querySelector("button")!.click());
    expect(receipt()).toBeNull();
  });

  it("is shown for ten minutes after it has arrived, and as long as it waits", () => {
    const item = (state: "waiting" | "accepted" | "refused") => ({ id: state, kind: "roll_call", person: 7, state, stamp: { device_ms: 0 } }) as never;
    const all = [item("waiting"), item("accepted"), item("refused")];
    expect(receipts(all, 7, 9 * 60_000).map(({ id }) => id)).toEqual(["waiting", "accepted"]);
    expect(receipts(all, 7, 11 * 60_000).map(({ id }) => id)).toEqual(["waiting"]);
    expect(receipts(all, 8, 0)).toEqual([]);
  });
});

describe("an item that is held", () => {
  it("is sent by nobody before its time, and by anybody after it, also where the page that held it has died", async () => {
    await enqueue({ id: "h", kind: "roll_call", pictures: [], hold: Date.now() + 9_000, duty: { target: "5", body: { text: "到", point: null } } });
    await load();
    const server = new FakeServer();
    const by = (ms: number) => sendAll(means(server, { now: () => Date.now() + ms, forced: true }));
    const early = await by(0);
    expect([early.end, (early.until ?? 0) > Date.now()]).toEqual(["later", true]);
    expect(server.paths()).toEqual([]);
    expect((await by(9_500)).end).toBe("done");
    expect(server.paths()).toEqual(["POST roll-calls/5/answer"]);
  });

  it("is not held for ever by a clock that was set back", async () => {
    await enqueue({ id: "h", kind: "roll_call", pictures: [], hold: Date.now() + 9_000, duty: { target: "5", body: { text: "到", point: null } } });
    const server = new FakeServer();
    expect((await sendAll(means(server, { now: () => Date.now() - LONGEST_HOLD_MS - 3600_000, forced: true }))).end).toBe("done");
  });
});
