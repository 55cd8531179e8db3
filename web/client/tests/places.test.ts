import { describe, expect, it } from "vitest";
import { parse as parseField } from "../field/route";
import { address, days, parse } from "../leadership/place";
import { destination } from "../signin/destination";
import { largeClasses, categories, searchCategories } from "../shared/catalogue";
import type { Category } from "../shared/api";
import { newId } from "../shared/ids";

describe("addresses", () => {
  it("lead only to this site after signing in", () => {
    expect(destination("/desk", "?next=%2Ffield%23%2Freport")).toBe("/field#/report");
    for (const bad of ["//evil.example", "https://evil.example", "/\\evil.example", "/", ""]) {
      expect(destination("/desk", `?next=${encodeURIComponent(bad)}`)).toBe("/desk");
    }
  });

  it("name the rooms of the phone", () => {
    expect(parseField("#/tasks/31")).toEqual({ room: "tasks", no: "31" });
    expect(parseField("#/nowhere")).toEqual({ room: "tasks", no: null });
  });

  it("carry period and area of leadership's page", () => {
    expect(parse("?period=year&cell=310101000000&measure=open_num&in=310101002000")).toEqual({
      period: "year", from: "", to: "", cell: "310101000000", opened: { measure: "open_num", cell: "310101002000", no: null },
      page: "numbers", card: null,
    });
    const bulletin = parse("?page=bulletin&period=month&card=31");
    expect(bulletin).toMatchObject({ page: "bulletin", card: "31", opened: null });
    expect(address(bulletin)).toBe("/leadership?page=bulletin&period=month&card=31");
    expect(parse("?period=nonsense").period).toBe("days30");
  });

  it("begin and end periods by the city's days", () => {
    const now = new Date("2026-11-21T17:00:00Z"); // already the 22nd in Shanghai
    expect(days("month", now)).toEqual(["2026-11-01", "2026-11-22"]);
    expect(days("days30", now)).toEqual(["2026-10-24", "2026-11-22"]);
    expect(days("year", now)).toEqual(["2026-01-01", "2026-11-22"]);
    expect(days("custom", now, "2025-01-01", "2025-02-01")).toEqual(["2025-01-01", "2025-02-01"]);
  });
});

describe("the category search", () => {
  const make = (code: string, zh: string, en: string, kind: "component" | "event"): Category =>
    ({ code, zh, en, kind, class_code: code.slice(0, 2), class_zh: "类", class_en: "class" }) as Category;

  it("finds by either language or code, beginnings first; events before components among the classes", () => {
    categories.value = [make("01001", "供水井盖", "water supply manhole cover", "component"), make("06010", "井盖异常", "manhole fault", "event")];
    expect(searchCategories("井盖").map((found) => found.code)).toEqual(["06010", "01001"]);
    expect(searchCategories("water cover").map((found) => found.code)).toEqual(["01001"]);
    expect(searchCategories(" ")).toEqual([]);
    expect(largeClasses().map((group) => group.code)).toEqual(["06", "01"]);
  });
});

it("ids are version 4 UUIDs", () => {
  expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
