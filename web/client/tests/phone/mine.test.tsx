import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Mine } from "../../field/mine";
import { outbox } from "../../field/outbox/items";
import type { Kept } from "../../field/outbox/kinds";
import type { Session } from "../../shared/api";
import { session } from "../../shared/session";

const place = document.createElement("div");
const show = () => act(() => render(<Mine />, place));
const found = (testid: string) => place.querySelector(`[data-testid="${testid}"]`);

beforeEach(() => {
  outbox.value = [];
  session.value = { person: { id: 7, username: "inspector", name: "王" }, roles: [] } as unknown as Session;
});
afterEach(() => act(() => render(null, place)));

it("the way to the outbox and its log is there also when nothing waits", async () => {
  await show();
  expect(found("to-outbox")?.getAttribute("href")).toBe("#/outbox");
  expect(found("to-outbox")?.textContent).toContain("没有待发");
  await act(() => void (outbox.value = [{ id: "a", kind: "report", person: 7, state: "waiting", pictures: [], made_at: "2026-11-22T01:00:00Z" } as unknown as Kept]));
  expect(found("to-outbox")?.textContent).toContain("1 待发");
});

it("who is asked whether to sign out all the same can leave it", async () => {
  outbox.value = [{ id: "a", kind: "report", person: 7, state: "waiting", pictures: [], made_at: "2026-11-22T01:00:00Z" } as unknown as Kept];
  await show();
  const tap = (testid: string) => act(() => (found(testid) as HTMLElement).click());
  expect(found("sign-out-cancel")).toBeNull();
  await tap("sign-out");
  expect([found("sign-out")?.textContent, found("sign-out-cancel")?.textContent]).toEqual(["仍要退出", "取消"]);
  await tap("sign-out-cancel");
  expect([found("sign-out")?.textContent, found("signout-note"), found("sign-out-cancel")]).toEqual(["退出登录", null, null]);
});

it("account and phone are folded, so that the reports stand on the first screen", async () => {
  await show();
  const fold = found("account-fold") as HTMLDetailsElement;
  expect(fold.open).toBe(false);
  expect(fold.querySelector("summary")?.textContent).toContain("王");
  expect(fold.contains(found("sign-out"))).toBe(true);
  expect(fold.contains(place.querySelector("h1"))).toBe(false);
});
