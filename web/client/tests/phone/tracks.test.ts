import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { countPoints, keepPoint, sendPoints } from "../../field/shift/tracks";
import { emptyStore } from "../outbox/make";

describe("points of the way", () => {
  beforeEach(async () => {
    await emptyStore();
    await keepPoint({ person: 7, at: 1, lon: 121.4, lat: 31.2, accuracy_m: 5 });
  });

  it.each(["{}", "[]", "null", '{"kept": 1}'])("stay on the phone where a portal answers 200 with %s", async (body) => {
    vi.stubGlobal("fetch", async () => new Response(body));
    await expect(sendPoints(7, 500)).rejects.toThrow();
    expect(await countPoints(7)).toBe(1);
  });

  it("go when the server has said what became of them", async () => {
    vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ kept: 0, known: 0, refused: [{ index: 0, code: "off_duty" }], alarm: null })));
    await sendPoints(7, 500);
    expect(await countPoints(7)).toBe(0);
  });
});
