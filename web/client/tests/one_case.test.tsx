import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useCase } from "../shared/case/use_case";
import { aCase } from "./make";

type Seen = ReturnType<typeof useCase>;

const settled = () => act(() => new Promise<void>((done) => setTimeout(done, 0)));

describe("a case that is only read", () => {
  const place = document.createElement("div");
  const answers: Record<string, (response: Response) => void> = {};
  let seen: Seen;

  function Reading({ no }: { no: string }) {
    seen = useCase(no);
    return null;
  }
  const read = (no: string) => act(() => render(<Reading no={no} />, place));
  const say = (path: string, body: unknown, status = 200) =>
    answers[path]!(new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } }));
  const sayCase = (no: string) => (say(`cases/${no}`, aCase({ no })), say(`cases/${no}/events`, { items: [{ id: 1 }, { id: 2 }], next: null }));

  beforeEach(() => {
    vi.stubGlobal("fetch", (path: string) => new Promise((done) => (answers[path.replace("/api/v1/", "").split("?")[0]!] = done)));
  });
  afterEach(() => {
    act(() => render(null, place));
    vi.unstubAllGlobals();
  });

  it("comes with its story, the newest first", async () => {
    await read("1");
    expect(seen.item).toBeNull();
    sayCase("1");
    await settled();
    expect(seen.item?.no).toBe("1");
    expect(seen.events.map(({ id }) => id)).toEqual([2, 1]);
  });

  it("is not the one before, and an answer for that one changes nothing", async () => {
    await read("1");
    sayCase("1");
    await settled();
    await read("2");
    expect(seen.item).toBeNull();
    await read("3");
    sayCase("3");
    await settled();
    sayCase("2");
    await settled();
    expect(seen.item?.no).toBe("3");
  });

  it("says why it did not come, and can be asked for again", async () => {
    await read("1");
    say("cases/1", { type: "urn:wangge:problem:no-case", title: "没有" }, 404);
    say("cases/1/events", { items: [], next: null });
    await settled();
    expect(seen.error).not.toBeNull();
    act(() => seen.load());
    expect(seen.error).toBeNull();
    sayCase("1");
    await settled();
    expect(seen.item?.no).toBe("1");
  });
});
