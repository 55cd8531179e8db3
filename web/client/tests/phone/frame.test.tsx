import "fake-indexeddb/auto";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Field } from "../../field/app";
import { route } from "../../field/route";
import type { Session } from "../../shared/api";
import { session } from "../../shared/session";

const place = document.createElement("div");
const one = (selector: string) => place.querySelector<HTMLElement>(selector)!;

beforeEach(async () => {
  vi.stubGlobal("fetch", () => new Promise(() => undefined));
  vi.stubGlobal("EventSource", class { addEventListener() {} close() {} });
  session.value = { person: { id: 7, username: "inspector", name: "王" }, roles: [] } as unknown as Session;
  route.value = { room: "tasks", no: null };
  document.body.append(place);
  await act(() => render(<Field />, place));
});
afterEach(async () => {
  await act(() => render(null, place));
  place.remove();
  vi.unstubAllGlobals();
});

it("with a keyboard the first key leads past the bars, the second to the other rooms; no address changes by it", async () => {
  const before = location.hash;
  expect([...place.querySelectorAll("a, button")].slice(0, 2).map((each) => each.textContent)).toEqual(["跳到内容", "跳到主菜单"]);
  await act(() => one("[data-testid=skip-room]").click());
  expect(document.activeElement).toBe(one("main"));
  await act(() => one("[data-testid=skip-tabs]").click());
  expect(document.activeElement).toBe(one("[data-testid=tab-tasks]"));
  expect(location.hash).toBe(before);
});

it("the other rooms come before the tasks in the page's order, however many there are", () => {
  expect(one("nav").compareDocumentPosition(one("main")) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
});
