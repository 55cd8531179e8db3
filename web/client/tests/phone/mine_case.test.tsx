import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { MineCase, Pictures } from "../../field/mine_case";
import { outbox } from "../../field/outbox/items";
import type { Kept } from "../../field/outbox/kinds";
import type { CasePhoto, Session } from "../../shared/api";
import { session } from "../../shared/session";

const place = document.createElement("div");
const found = (testid: string) => place.querySelector(`[data-testid="${testid}"]`);
const show = async (no: string) => {
  await act(() => render(<MineCase no={no} key={no} />, place));
  await act(() => new Promise<void>((done) => setTimeout(done, 0)));
};

beforeEach(() => {
  session.value = { person: { id: 7, username: "inspector", name: "王" }, roles: [] } as unknown as Session;
  outbox.value = [{
    id: "a", kind: "report", person: 7, state: "accepted", pictures: [{ id: "p" }], made_at: "2026-11-22T01:00:00Z", report: { description: "井盖缺失,行人危险" },
    receipt: { case: { no: "310" }, placement: { line: [{ name: "上海市" }, { name: "黄浦区" }, { name: "南京东路街道" }] } },
  } as unknown as Kept];
});
afterEach(async () => {
  await act(() => render(null, place));
  outbox.value = [];
  vi.unstubAllGlobals();
});

it("a report sent from this phone can be read on it without a connection", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
  await show("310");
  expect(found("mine-on-phone")?.textContent).toContain("井盖缺失,行人危险");
  expect(found("mine-on-phone")?.textContent).toContain("黄浦区 › 南京东路街道");
  await show("311");
  expect([found("mine-on-phone"), found("failure")?.textContent]).toEqual([null, expect.stringContaining("没有网络")]);
});

it("photos before and after the work are told apart, where there are any of after", async () => {
  const photo = (id: string, kind: string) => ({ id, kind, url: `/${id}`, at: "2026-11-22T01:00:00Z", arrived: true }) as CasePhoto;
  const sides = () => [...place.querySelectorAll(".sides > div")].map((side) => [side.querySelector("h3")?.textContent, side.querySelectorAll("img").length]);
  await act(() => render(<Pictures photos={[photo("a", "report"), photo("b", "after"), photo("c", "after")]} />, place));
  expect(sides()).toEqual([["处置前", 1], ["处置后", 2]]);
  await act(() => render(<Pictures photos={[photo("a", "report")]} />, place));
  expect([sides(), place.querySelectorAll("img").length]).toEqual([[], 1]);
});
