import { describe, expect, it } from "vitest";
import { fromServer, nearest, together } from "../field/report/parts";
import { joined, phrasesFor } from "../field/report/words";
import type { ComponentRow, Phrase } from "../field/sync_shapes";
import { speak } from "../shared/language";
import { MOST_CHARACTERS } from "../field/report/form";

const HERE = { lon: 121.4737, lat: 31.2304 };
const row = (id: string, category: string, metresNorth: number, name = ""): ComponentRow => [id, category, name, HERE.lon, HERE.lat + metresNorth / 111_195, null, "", "good"];

describe("components near the place", () => {
  const rows = [row("far", "01001", 400), row("b", "01001", 20), row("a", "01002", 5, "雨水井盖 12"), row("c", "02001", -60)];

  it("come with the nearest first, within reach, and as many as wanted", () => {
    expect(nearest(rows, HERE, { most: 10, metres: 100 }).map(({ id, metres }) => [id, Math.round(metres)])).toEqual([["a", 5], ["b", 20], ["c", 60]]);
    expect(nearest(rows, HERE, { most: 1, metres: 100 }).map(({ id }) => id)).toEqual(["a"]);
    expect(nearest(rows, HERE, { most: 10, metres: 1000 })).toHaveLength(4);
  });

  it("are those of the category or class, or whose name or code was asked for", () => {
    expect(nearest(rows, HERE, { most: 9, metres: 100, category: "01001" }).map(({ id }) => id)).toEqual(["b"]);
    expect(nearest(rows, HERE, { most: 9, metres: 100, class_code: "01" }).map(({ id }) => id)).toEqual(["a", "b"]);
    expect(nearest(rows, HERE, { most: 9, metres: 100, query: "井盖" }).map(({ id }) => id)).toEqual(["a"]);
    expect(nearest(rows, HERE, { most: 9, metres: 100, query: "C" }).map(({ id }) => id)).toEqual(["c"]);
  });

  it("of phone and server stand together once, as the server has them now", () => {
    const there = fromServer([{ id: "b", category_code: "01001", name: "moved", lon: HERE.lon, lat: HERE.lat, department: { name: "水务", name_en: "Water" } }], HERE);
    const all = together(nearest(rows, HERE, { most: 9, metres: 100 }), there, 9);
    expect(all.map(({ id, name, department }) => [id, name, department])).toEqual([["b", "moved", "水务"], ["a", "雨水井盖 12", null], ["c", "", null]]);
  });

  it("name their department in the language of the page, and in the one it has where it has only one", () => {
    const [first, ...rest] = row("a", "01001", 5);
    const named = (department: [string, string]) => nearest([[first, ...rest.slice(0, 4), department, "", "intact"] as ComponentRow], HERE, { most: 1, metres: 100 })[0]?.department;
    expect([named(["水务所", "Water"]), named(["水务所", ""])]).toEqual(["水务所", "水务所"]);
    speak("en");
    expect([named(["水务所", "Water"]), named(["水务所", ""])]).toEqual(["Water", "水务所"]);
    expect(fromServer([{ id: "b", category_code: "01001", name: "", ...HERE, department: { name: "水务所", name_en: "Water" } }], HERE)[0]?.department).toBe("Water");
    speak("zh-CN");
  });
});

describe("phrases", () => {
  const phrase = (class_code: string | null, zh: string): Phrase => ({ class_code, zh, en: zh });
  const all = [phrase(null, "存在安全隐患"), phrase("01", "井盖缺失"), phrase("06", "垃圾成堆"), phrase("01", "井盖松动")];

  it("are those of the class before those for all, without what is said already", () => {
    expect(phrasesFor(all, "01", "井盖缺失。").map(({ zh }) => zh)).toEqual(["井盖松动", "存在安全隐患"]);
    expect(phrasesFor(all, "01", "", 1).map(({ zh }) => zh)).toEqual(["井盖缺失"]);
  });

  it("become sentences of the text, which stays within what the server takes", () => {
    expect(joined("", "井盖缺失", false)).toBe("井盖缺失");
    expect(joined("井盖缺失", "存在安全隐患", false)).toBe("井盖缺失。存在安全隐患");
    expect(joined("Cover lost. ", "Dangerous", true)).toBe("Cover lost. Dangerous");
    expect(joined("Cover lost", "Dangerous", true)).toBe("Cover lost. Dangerous");
    expect(joined("长".repeat(MOST_CHARACTERS - 3), "存在安全隐患", false)).toHaveLength(MOST_CHARACTERS);
  });
});
