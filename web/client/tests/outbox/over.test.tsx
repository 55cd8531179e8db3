import "fake-indexeddb/auto";
import { render } from "preact";
import { act } from "preact/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";
import "../../field/texts";
import type { Session } from "../../shared/api";
import { online, signedOut } from "../../shared/http";
import { speak } from "../../shared/language";
import { session } from "../../shared/session";
import { OutboxBar } from "../../field/outbox/bar";
import { forgetDrafts } from "../../field/outbox/drafts";
import { load, nextTry, outbox } from "../../field/outbox/items";
import { forgetHeld } from "../../field/outbox/queue";
import { OutboxRoom } from "../../field/outbox/room";
import { sendAll } from "../../field/outbox/sender";
import { DEFAULTS, synced } from "../../field/sync";
import { gone, noteGone } from "../../field/task_list";
import { Tasks } from "../../field/tasks";
import { FakeServer, type Plan } from "./fake_server";
import { all, emptyStore, given, means, picture } from "./make";

const room = document.body.appendChild(document.createElement("div"));
const button = (testid: string) => room.querySelector<HTMLButtonElement>(`[data-testid="${testid}"]`);
let server = new FakeServer();

/** The verb is refused so, and the case stands in this stage. */
const fate = (refusal: { status: number; name: string; body?: object }, stage: string | null): Plan => ({ method, path }) => {
  if (path.includes("/verbs/")) return refusal;
  return method === "GET" && path === "cases/31" ? (stage ? { status: 200, body: { no: "31", stage, version: 3, photos: [] } } : { status: 404, name: "not-found" }) : null;
};

async function refusedAnswer(plan: Plan, pictures = [picture("p1")]): Promise<void> {
  await given("a", pictures, { answer: { no: "31", verb: "verify", version: 2, title: "暴露垃圾", fields: { outcome: "confirmed", text: "已看" } } }, "answer");
  server.plan = plan;
  await sendAll(means(server));
  await load();
}

async function show(): Promise<string> {
  await act(() => render(<><OutboxBar /><OutboxRoom /></>, room));
  return room.textContent ?? "";
}

beforeEach(async () => {
  await act(() => render(null, room));
  forgetHeld();
  forgetDrafts();
  await emptyStore();
  server = new FakeServer();
  [outbox.value, gone.value] = [[], []];
  nextTry.value = null;
  signedOut.value = false;
  online.value = true;
  speak("zh-CN");
  session.value = { person: { id: 7, username: "inspector", name: "王" }, roles: [] } as unknown as Session;
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
});

describe("an answer to a case that went elsewhere", () => {
  it.each([
    ["stale-version", { status: 409, name: "stale-version", body: { detail: "请看清变化(differs)后再做一次。" } }],
    ["wrong-stage", { status: 409, name: "wrong-stage", body: { stage: "rejected" } }],
  ])("is told by the case's stage (%s), and can only be acknowledged", async (_, refusal) => {
    await refusedAnswer(fate(refusal, "rejected"));
    const said = await show();
    expect(said).toContain("案件现在是“不予立案”,不再需要这次回复");
    expect(said).toContain("1 件回复已不再需要");
    expect(said).toContain("已看");
    expect(said).not.toMatch(/differs|第 3 版|需要修改/);
    expect([button("kept-edit"), button("kept-send"), button("kept-delete")]).toEqual([null, null, null]);
    await act(() => button("kept-read")!.click());
    await vi.waitFor(async () => expect(await all()).toEqual({}));
    expect(outbox.value).toEqual([]);
  });

  it.each([
    ["that is no longer to be seen", { status: 404, name: "not-found" }, null],
    ["that is another one's now", { status: 403, name: "not-allowed-verb" }, "verifying"],
  ])("%s is told without a guess", async (_, refusal, stage) => {
    await refusedAnswer(fate(refusal, stage));
    expect(await show()).toContain("这项任务已不归你处理,不再需要这次回复。");
    expect(button("kept-edit")).toBeNull();
    expect(button("kept-read")).not.toBeNull();
  });

  it("is told from a case that only changed: that is answered again, and never sent as it is", async () => {
    await refusedAnswer(fate({ status: 409, name: "stale-version", body: { detail: "(differs)" } }, "verifying"));
    const said = await show();
    expect(said).toContain("案件有了变化");
    expect(said).not.toContain("differs");
    expect([button("kept-edit") !== null, button("kept-send"), button("kept-read")]).toEqual([true, null, null]);
  });
});

describe("throwing an answer away", () => {
  it.each([[[picture("p1")], "丢弃这条内容和 1 张照片?"], [[], "丢弃这条内容?"]])("counts the photos that are still here", async (pictures, asked) => {
    await refusedAnswer(fate({ status: 422, name: "invalid" }, "verifying"), pictures);
    await show();
    await act(() => button("kept-delete")!.click());
    expect(room.textContent).toContain(asked);
  });
});

describe("tasks that are gone", () => {
  it("are named by place and number, and nobody guesses why", async () => {
    const task = { no: "3101012611230100009", category: null, stage: "verifying", address: "南京东路 100 号", line: [], photos: [], point: null } as never;
    synced.value = { person: 7, now: "2026-11-22T01:00:00Z", settings: DEFAULTS, duty_areas: [], shift: null, roll_calls: [], tasks: [], reports: [], unread: 0, alarm: null } as never;
    noteGone(7, [task]);
    noteGone(7, []);
    await act(() => render(<Tasks />, room));
    const said = room.querySelector('[data-testid="tasks-gone"]')?.textContent ?? "";
    expect(said).toContain("南京东路 100 号 · 3101012611230100009");
    expect(said).not.toMatch(/他人|改派/);
  });
});
