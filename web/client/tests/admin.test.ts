import { beforeEach, describe, expect, it } from "vitest";
import { yearSpans } from "../admin/calendars";
import { NOTICE_KINDS } from "../admin/kinds";
import { readLines } from "../admin/lines";
import { addressOf, parse } from "../admin/place";
import { deedOf, faultsOf, firesAt, rungsOf, typed, type TypedRung } from "../admin/rungs";
import { faultOf, inOrder, isOverMidnight, minutesOf, scheduleOf } from "../admin/shifts";
import { treeOf } from "../admin/tree";
import { addDays, monthsOf, paint, shownDays, specialSpans, weekdayOf } from "../admin/year_days";
import { missingIn } from "../admin/webhook_form";
import type { CalendarDay } from "../admin/api";
import { speak } from "../shared/language";

beforeEach(() => speak("zh-CN"));

describe("pasted lines of a holiday notice", () => {
  it("are read with commas of both kinds, kinds of both languages, blank lines and comments passed over", () => {
    const read = readLines("# 2027\n2027-01-01,holiday,元旦\n\n2027-01-02,节假日,元旦\r\n2027-01-03\tmakeup");
    expect(read.faults).toEqual([]);
    expect(read.days).toEqual([
      { day: "2027-01-01", kind: "holiday", name: "元旦" },
      { day: "2027-01-02", kind: "holiday", name: "元旦" },
      { day: "2027-01-03", kind: "makeup", name: "" },
    ]);
  });

  it("go to the server each where it stood, so that its faults have the same numbers", () => {
    expect(readLines("# x\n2027-01-01,休,元旦\n\n2027-01-03,班").text).toBe("\n2027-01-01,holiday,元旦\n\n2027-01-03,makeup");
  });

  it("say all that is wrong at once, by line", () => {
    const { faults } = readLines("2027-02-30,holiday\n2027-01-01\n2027-01-02,frei\n2027-01-04,makeup\n2027-01-03,makeup\n2027-01-03,weekend\na,b,c,d");
    expect(faults.map(({ line, code }) => [line, code])).toEqual([[1, "day"], [2, "form"], [3, "kind"], [4, "weekend"], [6, "twice"], [7, "form"]]);
  });
});

describe("a year of days", () => {
  it("begins its weeks on Monday", () => {
    expect(weekdayOf("2027-01-01")).toBe(4);
    const months = monthsOf(2027);
    expect(months.map((month) => month.days.length)).toEqual([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
    expect(months[0]!.blanks).toBe(4);
    expect(addDays("2027-12-31", 1)).toBe("2028-01-01");
  });

  const kept: CalendarDay = { day: "2027-01-01", kind: "holiday", name: "元旦", provisional: false, source: "x" };

  it("takes a change back when it is painted again, or painted as it is", () => {
    const change = { day: "2027-01-01", kind: "workday", name: "" } as const;
    const once = paint([], kept, change);
    expect(once).toEqual([change]);
    expect(paint(once, kept, change)).toEqual([]);
    expect(paint(once, kept, { day: "2027-01-01", kind: "holiday", name: "元旦" })).toEqual([]);
  });

  it("lets a guessed day be confirmed as it is", () => {
    const same = { day: "2027-01-01", kind: "holiday", name: "元旦" } as const;
    expect(paint([], { ...kept, provisional: true }, same)).toEqual([same]);
  });

  it("shows changes over what is kept, and special days in a row as one span", () => {
    const shown = shownDays([kept], [{ day: "2027-01-02", kind: "holiday", name: "元旦" }, { day: "2027-01-03", kind: "makeup", name: "" }]);
    expect(shown.get("2027-01-02")?.changed).toBe(true);
    const spans = specialSpans(["2027-01-01", "2027-01-02", "2027-01-03"].map((day) => shown.get(day)));
    expect(spans).toEqual([
      { from: "2027-01-01", to: "2027-01-02", kind: "holiday", name: "元旦" },
      { from: "2027-01-03", to: "2027-01-03", kind: "makeup", name: "" },
    ]);
  });

  it("is told with others as one span of years, unless it is guessed or has gaps", () => {
    const year = (n: number, complete = true, provisional = 0) => ({ year: n, days: 365, complete, provisional });
    expect(yearSpans([year(2025), year(2026), year(2027, true, 11), year(2028, false)]).map(({ from, to, state }) => [from, to, state])).toEqual([
      [2025, 2026, "whole"], [2027, 2027, "provisional"], [2028, 2028, "gaps"],
    ]);
  });
});

describe("shifts", () => {
  it("may end on the next day", () => {
    expect(isOverMidnight(["20:00", "08:00"])).toBe(true);
    expect(isOverMidnight(["08:00", "12:00"])).toBe(false);
    expect(minutesOf([["08:00", "20:00"], ["20:00", "08:00"]])).toBe(1440);
    expect(minutesOf([["08:00", ""]])).toBeNull();
  });

  const schedule = (...shifts: [string, string][]) => ({ valid_from: "2027-01-01", shifts });

  it("neither overlap each other nor the next day's", () => {
    const now = "2026-11-22";
    expect(faultOf(schedule(["08:00", "20:00"], ["20:00", "08:00"]), now)).toBeNull();
    expect(faultOf(schedule(["08:00", "12:00"], ["11:00", "15:00"]), now)?.code).toBe("overlap");
    expect(faultOf(schedule(["06:00", "12:00"], ["20:00", "07:00"]), now)?.code).toBe("overlap");
    expect(faultOf(schedule(["", "12:00"]), now)?.code).toBe("time");
    expect(faultOf(schedule(), now)?.code).toBe("none");
    expect(faultOf({ ...schedule(["08:00", "12:00"]), valid_from: "2026-01-01" }, now)).toEqual({ field: "valid_from", code: "past" });
  });

  it("are sent in the order of the day, and the latest valid ones count", () => {
    expect(inOrder(schedule(["14:00", "18:00"], ["08:00", "12:00"])).shifts[0]).toEqual(["08:00", "12:00"]);
    expect(inOrder(schedule(["8:00", "12:00"])).shifts).toEqual([["08:00", "12:00"]]);
    const old = { ...schedule(["08:00", "12:00"]), valid_from: "2018-01-01" };
    expect(scheduleOf([old, schedule(["09:00", "17:00"])], "2026-11-22")).toBe(old);
  });
});

describe("the ladder in its fields", () => {
  const row = (share: string, plus = "0", levels_up = 0, name = `rung_${share}_${plus}`): TypedRung => ({ name, share, plus, levels_up });

  it("is taken as it was typed", () => {
    const kept = [{ position: 1, name: "warn", share: 0.8, plus_minutes: 0, levels_up: 0 }];
    expect(typed(kept)).toEqual([{ name: "warn", share: "80", plus: "0", levels_up: 0 }]);
    expect(rungsOf(typed(kept))).toEqual(kept);
  });

  it("is good as contract and urgent practice have it", () => {
    expect(faultsOf([row("80"), row("100"), row("150", "0", 1), row("200", "0", 2), row("300", "0", 9)])).toEqual([]);
    expect(faultsOf([row("50"), row("100"), row("100", "30", 1), row("100", "60", 2), row("100", "120", 9)])).toEqual([]);
  });

  it("says what is wrong beside each field", () => {
    const codes = (...rows: TypedRung[]) => faultsOf(rows).map(({ row: n, field, code }) => [n, field, code]);
    expect(codes(row("100"))).toEqual([[0, "share", "first_warns"]]);
    expect(codes(row("80", "0", 1))).toEqual([[0, "levels_up", "warns"]]);
    expect(codes(row("80"), row("70"))).toEqual([[1, "share", "order"]]);
    expect(codes(row("80", "30"), row("100", "0"))).toEqual([[1, "plus", "order"]]);
    expect(codes(row("80"), row("150", "0", 2), row("200", "0", 1))).toEqual([[2, "levels_up", "levels"]]);
    expect(codes(row("", "1.5"))).toEqual([[0, "share", "share"], [0, "plus", "plus"]]);
    expect(codes(row("80", "0", 0, "warn"), row("90", "0", 0, "warn"))).toEqual([[1, "name", "twice"]]);
    expect(codes()).toEqual([[-1, "table", "few"]]);
    expect(codes(...Array.from({ length: 9 }, (_, n) => row(String(50 + n * 5))))).toEqual([[-1, "table", "many"]]);
  });

  it("says what a rung does and when it fires", () => {
    expect([row("80"), row("100"), row("150", "0", 1), row("300", "0", 9)].map(deedOf)).toEqual(["warn", "urge", "order", "city"]);
    expect(firesAt(row("150", "30"), 480)).toBe(750);
    expect(firesAt(row(""), 480)).toBeNull();
  });
});

describe("departments", () => {
  it("have their units behind them, and none is lost", () => {
    const node = (code: string, parent: string | null = null) => ({ code, parent });
    expect(treeOf([node("b1", "b"), node("a"), node("b"), node("x", "gone")]).map(({ item, depth }) => [item.code, depth])).toEqual([["a", 0], ["b", 0], ["b1", 1], ["x", 0]]);
    expect(treeOf([node("p", "q"), node("q", "p")]).map(({ item }) => item.code)).toEqual(["p", "q"]);
  });
});

describe("the page's address", () => {
  it("says part, calendar, tab and year, and is read again", () => {
    const place = parse("?part=calendars&calendar=2&tab=import&year=2027");
    expect(addressOf(place)).toBe("/admin?part=calendars&calendar=2&tab=import&year=2027");
    expect(parse("?part=nowhere&calendar=x").part).toBe("calendars");
    expect(addressOf({ ...place, part: "ladder" })).toBe("/admin?part=ladder");
  });
});

describe("a webhook", () => {
  it("needs a name, an address, a centre, and kinds unless it is told all", () => {
    expect(missingIn({ name: "", url: "ftp://x", centre: null, all: false, kinds: [] })).toEqual(["name", "url", "centre", "kinds"]);
    expect(missingIn({ name: "12345", url: "https://hotline.example/hook", centre: { code: "310101", name: "黄浦区" }, all: true, kinds: [] })).toEqual([]);
    expect(new Set(NOTICE_KINDS).size).toBe(NOTICE_KINDS.length);
  });
});
