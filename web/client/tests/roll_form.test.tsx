import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import "../desk/texts";
import { CallForm } from "../desk/patrol/call_form";
import { type Answer, type OnDuty, placeOf } from "../desk/patrol/data";
import { OnDutyList } from "../desk/patrol/on_duty";
import type { Session } from "../shared/api";
import { speak } from "../shared/language";
import { session } from "../shared/session";

const STREET = { code: "310101002000", level: "street", name: "南京东路街道" } as const;
const VILLAGE = { code: "310101002003", level: "village", name: "新昌居委会" } as const;
const WANG: OnDuty = { shift: "s", person: { id: 5, name: "王" }, centre: VILLAGE, since: "2026-11-22T00:00:00Z", seen: null, duty_areas: [], alarm: null, roll_call: null };
const place = document.createElement("div");
const shown = (id: string): HTMLElement => place.querySelector<HTMLElement>(`[data-testid="${id}"]`)!;

describe("calling the roll", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date("2026-11-22T02:20:30Z") });
    speak("zh-CN");
    session.value = { person: { id: 1, name: "李" }, roles: [{ role: "shift_lead", centre: STREET, department: null }] } as unknown as Session;
  });
  afterEach(() => {
    act(() => render(null, place));
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("promises a time that goes with the clock", () => {
    act(() => render(<CallForm called={() => undefined} one={null} all={() => undefined} />, place));
    const minute = (): string => /至 \d\d:(\d\d)/.exec(shown("roll-effect").textContent!)![1]!;
    expect(minute()).toBe("30");
    act(() => void vi.advanceTimersByTime(60_000));
    expect(minute()).toBe("31");
  });

  it("asks one alone from their row, at their own centre", async () => {
    let asked: OnDuty | null = null;
    act(() => render(<OnDutyList patrol={{ now: "2026-11-22T02:20:00Z", tracks: true, items: [WANG], more: false }} chosen={null} choose={() => undefined} call={(one) => (asked = one)} />, place));
    expect(shown("call-one").getAttribute("aria-label")).toBe("点名 王");
    act(() => shown("call-one").click());
    expect(asked).toBe(WANG);
    const sent = vi.fn((_: string, __: { body: string }) => Promise.resolve(new Response(JSON.stringify({ id: 1, counts: { asked: 1 } }), { status: 201, headers: { "Content-Type": "application/json" } })));
    vi.stubGlobal("fetch", sent);
    const all = vi.fn();
    act(() => render(<CallForm called={() => undefined} one={WANG} all={all} />, place));
    expect(shown("roll-effect").textContent).toContain("只通知王");
    await act(async () => {
      shown("roll-form").dispatchEvent(new Event("submit", { cancelable: true }));
      await vi.advanceTimersByTimeAsync(10);
    });
    const call = sent.mock.calls.find(([url]) => url.includes("roll-calls"))!;
    expect(JSON.parse(call[1].body)).toMatchObject({ centre_code: VILLAGE.code, people: [5] });
    expect(all).toHaveBeenCalledOnce();
  });

  it("knows from where an answer came, where it says so", () => {
    const answer = { person: { id: 5, name: "王" }, state: "late", answered_at: "2026-11-22T02:30:00Z", point: { lon: 121.47, lat: 31.23 } } as Answer;
    expect(placeOf(answer)).toEqual({ name: "王", at: "2026-11-22T02:30:00Z", state: "late", lon: 121.47, lat: 31.23 });
    expect(placeOf({ ...answer, point: null })).toBeNull();
  });
});
