import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { Category } from "../shared/api";
import { categories, learnEveryday, likelyCodes, loadUsed, rememberCategory, searchCategories, used } from "../shared/catalogue";
import { EVERYDAY } from "../shared/everyday";

const make = (code: string, zh: string, en: string, pinyin?: string): Category =>
  ({ code, zh, en, class_code: code.slice(0, 2), kind: "component", ...(pinyin && { pinyin }) }) as Category;

/** The catalogue that comes with the program; the names with commas stand in quotes. */
const catalogue = (): Category[] => readFileSync(join(import.meta.dirname, "../../../data/categories.csv"), "utf8").trim().split("\n").slice(1)
  .map((line) => [...line.matchAll(/"([^"]*)"|([^,]+)/g)].map((found) => found[1] ?? found[2]!))
  .map((row) => make(row[2]!, row[6]!, row[7]!));

const codes = (query: string): string[] => searchCategories(query).map(({ code }) => code);

describe("searching a category", () => {
  beforeEach(async () => {
    localStorage.clear();
    loadUsed();
    await learnEveryday();
    categories.value = [
      make("01001", "供水井盖", "water supply manhole cover", "gong shui jing gai"),
      make("01002", "污水井盖", "sewer manhole cover", "wu shui jing gai"),
      make("06001", "暴露垃圾", "exposed rubbish", "bao lu la ji"),
      make("06002", "积存垃圾", "heaped rubbish", "ji cun la ji"),
    ];
  });

  it("takes 中文, English and the code", () => {
    expect(codes("井盖")).toEqual(["01001", "01002"]);
    expect(codes("SEWER cover")).toEqual(["01002"]);
    expect(codes("06")).toEqual(["06001", "06002"]);
  });

  it.each(["gongshuijinggai", "gsjg", "gong shui", "gongsjg", "gshj", "gs"])("takes pinyin, whole, initials and mixed: %s", (query) => {
    expect(codes(query)).toEqual(["01001"]);
  });

  it("finds from the middle of a name, after those that begin so", () => {
    expect(codes("jg")).toEqual(["01001", "01002"]);
    expect(codes("ji")).toEqual(["06002", "01001", "01002", "06001"]);
    expect(codes("ong")).toEqual([]); // no syllable begins so
  });

  it("puts what the person uses first among equals", () => {
    rememberCategory("01002");
    expect(codes("井盖")).toEqual(["01002", "01001"]);
  });

  it("works with a catalogue that was kept before it could be read aloud", () => {
    categories.value = [make("01001", "供水井盖", "water supply manhole cover")];
    expect(codes("井盖")).toEqual(["01001"]);
    expect(codes("gsjg")).toEqual([]);
  });

  it.each([
    ["garbage", "暴露垃圾"], ["trash", "积存垃圾渣土"], ["garb", "暴露垃圾"], ["potholes", "道路破损"], ["pot hole", "道路破损"], ["manhole", "污水井盖"], ["street lamp", "路灯"],
    ["graffiti", "非法小广告"], ["bike", "非机动车乱停放"], ["parked car", "机动车乱停放"], ["flooding", "道路积水"], ["dustbin", "垃圾箱"], ["leaking", "供水管道破裂"], ["wire", "架空线缆脱落"],
  ])("knows what people say in English: %s is %s", (query, zh) => {
    categories.value = catalogue();
    expect(searchCategories(query).map((found) => found.zh)).toContain(zh);
  });

  it("names something of the catalogue with every everyday word", () => {
    categories.value = catalogue();
    expect(EVERYDAY.filter((word) => !searchCategories(word).length)).toEqual([]);
  });

  it("puts a name that holds the word before one that means it", () => {
    categories.value = [make("1", "甲", "exposed rubbish"), make("2", "乙", "a garbage place")];
    expect(codes("garbage")).toEqual(["2", "1"]);
  });

  it("is quick among ten times the catalogue", () => {
    categories.value = Array.from({ length: 2500 }, (_, n) => make(String(n).padStart(5, "0"), "供水井盖", "cover", "gong shui jing gai"));
    searchCategories("g");
    const before = performance.now();
    for (const query of ["g", "gs", "gsj", "gsjg", "xyz"]) searchCategories(query);
    expect((performance.now() - before) / 5).toBeLessThan(30);
  });
});

describe("what is offered first", () => {
  it("is what was used last, then what is used most, then what was reported on another phone", () => {
    expect(likelyCodes({ recent: ["b", "a"], times: { a: 9, c: 5, d: 7 } }, ["e", "f", "f"], 10)).toEqual(["b", "a", "d", "c", "f", "e"]);
    expect(likelyCodes({ recent: ["b", "a"], times: { a: 9 } }, [], 1)).toEqual(["b"]);
  });

  it("is remembered on the phone", () => {
    for (const code of ["01001", "01002", "01001"]) rememberCategory(code);
    used.value = { recent: [], times: {} };
    loadUsed();
    expect(used.value).toMatchObject({ recent: ["01001", "01002"], times: { "01002": 1 } });
  });
});
