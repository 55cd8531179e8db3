import "fake-indexeddb/auto";
import { render } from "preact";
import { act } from "preact/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Session } from "../../shared/api";
import { session } from "../../shared/session";
import { forgetDrafts } from "../../field/outbox/drafts";
import { outbox } from "../../field/outbox/items";
import { clockIn, clockOut, duty } from "../../field/shift/duty";
import { RollCalls } from "../../field/shift/roll_calls";
import { closeStore } from "../../field/store";
import { DEFAULTS, synced } from "../../field/sync";
import { emptyStore } from "../outbox/make";

const call = { id: 5, centre: { code: "1", name: "半淞园路街道" }, called_at: "2026-11-22T01:00:00Z", answer_by: "2026-11-22T01:20:00Z", photo_wanted: true, text: "在哪里" };
const jpeg = new File([new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 2, 1])], "1.jpg");
let drawn: (() => void)[] = [];

beforeEach(async () => {
  await emptyStore();
  forgetDrafts();
  outbox.value = [];
  drawn = [];
  session.value = { person: { id: 7, username: "inspector", name: "王" } } as Session;
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
  vi.stubGlobal("createImageBitmap", () => new Promise((done) => drawn.push(() => done({ width: 4, height: 3, close: () => undefined }))));
  synced.value = { person: 7, now: "2026-11-22T01:00:00Z", settings: DEFAULTS, duty_areas: [], shift: null, roll_calls: [call], tasks: [], reports: [], unread: 0, alarm: null };
});

describe("two taps", () => {
  it("begin one shift, and end it once", async () => {
    await Promise.all([clockIn(), clockIn()]);
    await clockIn();
    expect(outbox.value.map(({ kind }) => kind)).toEqual(["clock_in"]);
    expect(duty.value).toMatchObject({ pending: true });
    await Promise.all([clockOut(), clockOut()]);
    expect(outbox.value.map(({ kind }) => kind)).toEqual(["clock_in", "clock_out"]);
  });
});

describe("the answer to a roll call", () => {
  const box = (): HTMLElement => document.body;
  const shown = async (): Promise<void> => {
    await act(() => render(<RollCalls />, box()));
    await vi.waitFor(() => expect(box().querySelector("[name=roll-call-5]")).not.toBeNull());
  };
  const typed = (): string => box().querySelector<HTMLInputElement>("[name=roll-call-5]")!.value;
  const left = async (): Promise<void> => {
    await act(() => render(null, box()));
    await new Promise((done) => setTimeout(done, 20));
  };
  const type = (text: string): Promise<void> => act(() => {
    const input = box().querySelector<HTMLInputElement>("[name=roll-call-5]")!;
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const shoot = (): void => {
    const input = box().querySelector<HTMLInputElement>("[data-testid=roll-call-photo]")!;
    Object.defineProperty(input, "files", { value: [jpeg], configurable: true });
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const answer = (): void => box().querySelector<HTMLElement>("[data-testid=roll-call-answer]")!.click();

  it("is kept while it is written: after another room was opened, and after the page has ended", async () => {
    await shown();
    await type("在广场");
    shoot();
    await vi.waitFor(() => expect(drawn).toHaveLength(1));
    await left();
    drawn[0]!();
    await shown();
    expect(typed()).toBe("在广场");
    await left();
    await closeStore();
    forgetDrafts();
    await shown();
    expect(typed()).toBe("在广场");
    expect(box().querySelectorAll("ul.photos li")).toHaveLength(1);
    await left();
  });

  it("goes once, with what was typed and taken until it goes", async () => {
    let found: PositionCallback = () => undefined;
    vi.stubGlobal("isSecureContext", true);
    Object.defineProperty(navigator, "geolocation", { configurable: true, value: { watchPosition: (done: PositionCallback) => ((found = done), 1), clearWatch: () => undefined } });
    await shown();
    shoot();
    await vi.waitFor(() => expect(drawn).toHaveLength(1));
    answer();
    answer();
    await type("边定位边写");
    drawn[0]!();
    found({ coords: { longitude: 121.47, latitude: 31.23, accuracy: 5 }, timestamp: Date.now() } as GeolocationPosition);
    await vi.waitFor(() => expect(outbox.value).toHaveLength(1));
    expect(outbox.value[0]).toMatchObject({ kind: "roll_call", duty: { target: "5", body: { text: "边定位边写" } }, pictures: [{}] });
    await left();
  });
});
