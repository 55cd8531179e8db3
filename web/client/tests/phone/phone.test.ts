import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { closeStore, readValue } from "../../field/store";
import { categories } from "../../shared/catalogue";
import { clockSkew, learnSkew, signedOut } from "../../shared/http";
import { session } from "../../shared/session";
import { components, dropSync, grid, merged, phrases, recallSync, skewOf, synced, syncNow, tasks } from "../../field/sync";
import { DEFAULTS } from "../../field/sync";
import type { ComponentRow, SyncAnswer, Task } from "../../field/sync_shapes";
import { lackingDetails } from "../../field/task_details";
import { gone, inOrder, noteGone, timed } from "../../field/task_list";
import { themeOf, theme, wear } from "../../field/theme";
import { position } from "../../field/position";
import { aRow } from "../make";

const task = (no: string, part: Partial<Task> = {}): Task =>
  ({ ...aRow(no), light: "green", left_minutes: 60, clock: null, point: null, photos: [], line: [], ...part }) as unknown as Task;

const row = (id: string, name = id): ComponentRow => [id, "01001", name, 121.4, 31.2, null, "", "good"];

function anAnswer(part: Partial<SyncAnswer> = {}): SyncAnswer {
  return {
    now: new Date().toISOString(), person: { id: 7, name: "王" }, server: { version: "1" }, settings: DEFAULTS,
    categories: { version: "c1", items: [] }, phrases: { version: "p1", items: [{ class_code: null, zh: "已现场核实", en: "seen on site" }] },
    grid: { version: "g1", edition: "demo", scale: 1e7, cells: [], arcs: [], polygons: {} },
    components: { version: "m-5", whole: true, more: false, items: [row("a")], gone: [] },
    duty_areas: [], shift: null, roll_calls: [], tasks: [task("1")], reports: [], unread: 0, alarm: null, ...part,
  };
}

const signIn = (id: number) => (session.value = { person: { id, name: "王", username: "wang" }, roles: [], permissions: [] } as never);

describe("synchronising", () => {
  let asked: URL[] = [];
  let answers: (SyncAnswer | number)[] = [];

  beforeEach(() => {
    [asked, answers] = [[], []];
    vi.stubGlobal("fetch", async (path: string) => {
      asked.push(new URL(path, "http://x"));
      const next = answers.shift() ?? 0;
      if (next === 0) throw new TypeError("no network");
      if (typeof next === "number") return new Response("{}", { status: next });
      return new Response(JSON.stringify(next));
    });
    signIn(7);
  });
  afterEach(async () => {
    await dropSync(7);
    await dropSync(8);
    await closeStore();
    vi.unstubAllGlobals();
    learnSkew(0);
    signedOut.value = false;
  });

  it("asks for nothing that the phone has, and keeps what is unchanged", async () => {
    answers = [anAnswer(), anAnswer({ categories: null, phrases: null, grid: null, components: null, tasks: [task("2")] })];
    await syncNow();
    expect([...asked[0]!.searchParams]).toEqual([]);
    await syncNow();
    expect(Object.fromEntries(asked[1]!.searchParams)).toEqual({ categories: "c1", phrases: "p1", grid: "g1", components: "m-5" });
    expect(tasks.value?.map(({ no }) => no)).toEqual(["2"]);
    expect(phrases.value).toHaveLength(1);
    expect(grid.value?.version).toBe("g1");
    expect(categories.value).toEqual([]);
  });

  it("goes on for components until they are whole", async () => {
    answers = [anAnswer({ components: { version: "m-5", whole: true, more: true, items: [row("a"), row("b")], gone: [] } }),
      anAnswer({ components: { version: "m-9", whole: false, more: false, items: [row("b", "moved"), row("c")], gone: ["a"] } })];
    await syncNow();
    expect(components.value.map(([id, , name]) => `${id}:${name}`)).toEqual(["b:moved", "c:c"]);
    expect(asked[1]!.searchParams.get("components")).toBe("m-5");
  });

  it("begins anew where it is told the whole: another street's components are forgotten, here and in the store", async () => {
    answers = [anAnswer(), anAnswer({ components: { version: "n-9", whole: true, more: false, items: [row("z")], gone: [] } })];
    await syncNow();
    await syncNow();
    expect(components.value.map(([id]) => id)).toEqual(["z"]);
    expect(await readValue("sync:7:components")).toEqual({ version: "n-9", items: [row("z")] });
  });

  it("shows what was kept when there is no network, and leaves it where an answer fails", async () => {
    answers = [anAnswer(), 500];
    await syncNow();
    synced.value = null;
    await syncNow();
    expect(tasks.value).toBeNull();
    await dropSync(0);
    await recallSync(7);
    expect(tasks.value?.map(({ no }) => no)).toEqual(["1"]);
    await syncNow();
    expect(tasks.value?.map(({ no }) => no)).toEqual(["1"]);
  });

  it("shows one person nothing of another, and forgets at a full sign-out", async () => {
    answers = [anAnswer()];
    await syncNow();
    signIn(8);
    await recallSync(8);
    expect([tasks.value, phrases.value, grid.value, components.value]).toEqual([null, [], null, []]);
    await dropSync(7);
    await recallSync(7);
    expect(tasks.value).toBeNull();
  });

  it("takes no answer that is meant for somebody else", async () => {
    answers = [anAnswer({ person: { id: 9, name: "李" } })];
    await syncNow();
    expect(synced.value).toBeNull();
  });

  it("learns the clock's error from half the way there and back", async () => {
    expect(skewOf("2026-11-22T01:00:10Z", Date.parse("2026-11-22T01:00:00Z"), Date.parse("2026-11-22T01:00:04Z"))).toBe(8000);
    answers = [anAnswer({ now: new Date(Date.now() + 3 * 3600_000).toISOString() })];
    await syncNow();
    expect(Math.abs(clockSkew.value - 3 * 3600_000)).toBeLessThan(1000);
    expect(Number(localStorage.getItem("wangge_skew"))).toBe(clockSkew.value);
  });

  it("merges components by their id", () => {
    expect(merged([row("a"), row("b")], { whole: true, items: [row("c")], gone: [] }).map(([id]) => id)).toEqual(["c"]);
  });
});

describe("the time left of a task", () => {
  const asked = Date.parse("2026-11-22T01:00:00Z");
  const clock = (due_at: string, yellow_at: string | null = null) => ({ kind: "verify", due_at, yellow_at, paused: false }) as Task["clock"];

  it("runs down by itself where no rest lies before the due moment", () => {
    const item = task("1", { left_minutes: 30, clock: clock("2026-11-22T01:30:00Z", "2026-11-22T01:20:00Z") });
    expect(timed(item, asked, asked + 10 * 60_000)).toMatchObject({ left_minutes: 20, light: "green" });
    expect(timed(item, asked, asked + 25 * 60_000)).toMatchObject({ left_minutes: 5, light: "yellow" });
    expect(timed(item, asked, asked + 42 * 60_000)).toMatchObject({ left_minutes: -12, light: "red" });
  });

  it("promises no more than the due moment leaves where a night lies between", () => {
    const item = task("1", { left_minutes: 30, clock: clock("2026-11-22T12:00:00Z") });
    expect(timed(item, asked, asked + 60_000).left_minutes).toBe(30);
    expect(timed(item, asked, Date.parse("2026-11-22T11:50:00Z")).left_minutes).toBe(10);
  });

  it("stands still while the clock rests", () => {
    const item = task("1", { light: "paused", left_minutes: 30, clock: { ...clock("2026-11-22T01:10:00Z")!, paused: true } as Task["clock"] });
    expect(timed(item, asked, asked + 3600_000)).toEqual(item);
  });
});

describe("the list of tasks", () => {
  const near = task("near", { left_minutes: 90, point: { lon: 121.4737, lat: 31.2304 } as never });
  const soon = task("soon", { left_minutes: 5, point: { lon: 121.49, lat: 31.24 } as never });
  const resting = task("rest", { light: "paused", left_minutes: 1 });
  afterEach(() => (position.value = null));

  it("has the nearest first, or the soonest, as the person wants", () => {
    position.value = { lon: 121.4737, lat: 31.2304, accuracy_m: 8, at: 0 };
    expect(inOrder([resting, soon, near], "nearest").map(({ no }) => no)).toEqual(["near", "soon", "rest"]);
    expect(inOrder([resting, near, soon], "due").map(({ no }) => no)).toEqual(["soon", "near", "rest"]);
  });

  it("goes by time alone where the position is unknown", () => {
    expect(inOrder([near, soon], "nearest").map(({ no }) => no)).toEqual(["soon", "near"]);
  });

  it("tells of tasks that are gone, of one person only, and not when they are back", () => {
    noteGone(7, [near, soon]);
    noteGone(7, [soon]);
    expect(gone.value.map(({ no }) => no)).toEqual(["near"]);
    noteGone(7, [near, soon]);
    expect(gone.value).toEqual([]);
    noteGone(8, []);
    expect(gone.value).toEqual([]);
  });

  it("fetches ahead what is new or has changed", () => {
    const have = { near: { ...near, version: near.version } as never, soon: { version: soon.version - 1 } as never };
    expect(lackingDetails([near, soon, resting], have)).toEqual(["soon", "rest"]);
  });
});

describe("the theme", () => {
  it("is as the phone until one is chosen, and stays", () => {
    expect(themeOf(null)).toBe("system");
    expect(themeOf("neon")).toBe("system");
    const heard = vi.fn();
    window.addEventListener("wangge-theme", heard);
    wear("sun");
    expect(document.documentElement.dataset["theme"]).toBe("sun");
    expect(localStorage.getItem("wangge_theme")).toBe("sun");
    wear("system");
    expect(document.documentElement.hasAttribute("data-theme")).toBe(false);
    expect(theme.value).toBe("system");
    expect(heard).toHaveBeenCalledTimes(2);
    window.removeEventListener("wangge-theme", heard);
  });
});
