import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { alone } from "../../field/outbox/alone";
import { readValue } from "../../field/store";
import { FakeServer } from "./fake_server";
import { sendAll } from "../../field/outbox/sender";
import { emptyStore, given, means, picture } from "./make";

/** The browser's locks, as far as `ifAvailable` goes. */
function locks(): LockManager {
  let taken = false;
  const request = async (_: string, __: LockOptions, work: (lock: Lock | null) => Promise<unknown>): Promise<unknown> => {
    if (taken) return work(null);
    taken = true;
    try {
      return await work({ name: "wangge-sending", mode: "exclusive" });
    } finally {
      taken = false;
    }
  };
  return { request } as unknown as LockManager;
}

describe.each([["the browser's locks", locks()], ["a lease in the store", undefined]])("one sends at a time, by %s", (_, by) => {
  beforeEach(emptyStore);
  // node has locks of its own
  const only = <T>(work: Parameters<typeof alone<T>>[0], now?: () => number) => alone(work, now, by ?? (null as never));

  it("two tabs at once send each report once", async () => {
    const server = new FakeServer();
    for (const id of ["a", "b", "c"]) await given(id, [picture(`p-${id}`)]);
    const tab = () => only((hold) => sendAll(means(server, { hold })));
    const outcomes = await Promise.all([tab(), tab()]);
    expect(outcomes.filter(Boolean).map((outcome) => outcome?.sent)).toEqual([3]);
    expect(server.paths()).toHaveLength(6);
  });

  it("is free again after a failure", async () => {
    await expect(only(() => Promise.reject(new Error("stop")))).rejects.toThrow("stop");
    expect(await only(() => Promise.resolve("mine"))).toBe("mine");
  });
});

describe("the lease", () => {
  beforeEach(emptyStore);

  it("of a dead page runs out, and who had it stops", async () => {
    let now = 1_000_000;
    const none = null as never;
    let second: unknown;
    await alone(async (hold) => {
      expect(await alone(() => Promise.resolve("other"), () => now, none)).toBeNull();
      now += 91_000;
      second = await alone(async () => {
        expect(await hold()).toBe(false);
        return "other";
      }, () => now, none);
    }, () => now, none);
    expect(second).toBe("other");
    expect(await readValue("lease")).toBeUndefined();
  });

  it("makes who lost it stop in the middle", async () => {
    const server = new FakeServer();
    await given("a");
    await given("b");
    let held = true;
    const hold = (): Promise<boolean> => Promise.resolve(held);
    server.plan = ({ path }) => ((held = path !== "reports/a"), null);
    expect((await sendAll(means(server, { hold }))).end).toBe("busy");
    expect(server.paths()).toEqual(["PUT reports/a"]);
  });

  it("from before the phone's clock was set back blocks nobody", async () => {
    const none = null as never;
    await alone(async () => {
      expect(await alone(() => Promise.resolve("mine"), () => 1_000, none)).toBe("mine");
    }, () => 9_000_000_000, none);
  });
});
