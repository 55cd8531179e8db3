import { describe, expect, it } from "vitest";
import type { CaseDetail, Verb } from "../shared/api";
import { differences } from "../desk/differences";
import { verbOfKey } from "../desk/keys";
import { effectOf, stageWithoutLimit } from "../desk/effects";
import { bodyOf, missing } from "../desk/verb_fields";
import { FORMS, NOTHING, photosNeeded } from "../desk/verbs";
import { speak } from "../shared/language";

const CASE = {
  no: "31", stage: "pending_filing", version: 3, category: null, conditions: [], condition: null, centre: { code: "310101002000", name: "南京东路街道", level: "street" },
  department: null, clock: null, photos: [], ended_at: null, filed_at: null, requests: [], handlings: [], orders: [], units: [], step: 1, then: null, refused_count: 0,
  effects: { check: { to: "pending_closing", clock: null, outcomes: { passed: { to: "pending_closing", clock: null }, failed: { to: "pending_dispatch", clock: null } } }, accept: { to: "pending_filing", clock: null } },
} as unknown as CaseDetail;

describe("verbs on the desk", () => {
  it("have a key each, and none of the keys that move in the list", () => {
    const keys = Object.values(FORMS).map((form) => form.key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).not.toContain("j");
    expect(keys).not.toContain("k");
  });

  it("begin by key only when they are allowed", () => {
    expect(verbOfKey("d", ["dispatch", "note"])).toBe("dispatch");
    expect(verbOfKey("d", ["note"])).toBeNull();
  });

  it("ask for a category only where the case has none", () => {
    expect(missing("accept", CASE, NOTHING, 0)).toEqual(["category_code"]);
    expect(missing("accept", { ...CASE, category: { code: "01001" } } as CaseDetail, NOTHING, 0)).toEqual([]);
  });

  it("ask for photos and reasons as the outcome demands", () => {
    expect(photosNeeded("verify", CASE, "unfounded")).toBe(0);
    expect(photosNeeded("verify", CASE, "confirmed")).toBe(1);
    expect(photosNeeded("finish", { ...CASE, condition: { photos_after: 2 } } as CaseDetail, "")).toBe(2);
    expect(missing("check", CASE, { ...NOTHING, outcome: "failed" }, 1)).toEqual(["text"]);
  });

  it("send what was entered with the version that was seen", () => {
    const entered = { ...NOTHING, department: "", note: " 快一点 " };
    expect(bodyOf("dispatch", CASE, entered, [])).toEqual({ version: 3, department: null, note: "快一点" });
    expect(bodyOf("file", { ...CASE, category: { code: "01001" } } as CaseDetail, { ...NOTHING, condition_id: "12" }, [])).toEqual({ version: 3, condition_id: 12 });
  });

  it("say the effect of the outcome chosen, and none before one is", () => {
    expect(effectOf(CASE, "check", { ...NOTHING, outcome: "failed" })?.to).toBe("pending_dispatch");
    expect(effectOf(CASE, "check", NOTHING)).toBeNull();
    expect(effectOf(CASE, "accept", NOTHING)?.to).toBe("pending_filing");
    expect(effectOf(CASE, "close" as Verb, NOTHING)).toBeNull();
  });

  it("say a filing's limit by the condition chosen, and no limit before one is", () => {
    const clock = (due_at: string) => ({ to: "pending_dispatch", clock: { kind: "dispatch", due_at } });
    const file = { ...clock("2026-11-23T01:00:00Z"), conditions: { "7": clock("2026-11-23T01:00:00Z"), "8": clock("2026-11-22T13:00:00Z") } };
    const item = { ...CASE, effects: { file } } as unknown as CaseDetail;
    expect(effectOf(item, "file", NOTHING)).toBeNull();
    expect(stageWithoutLimit(item, "file")).toBe("pending_dispatch");
    expect(effectOf(item, "file", { ...NOTHING, condition_id: "8" })?.clock?.due_at).toBe("2026-11-22T13:00:00Z");
    expect(effectOf(item, "file", { ...NOTHING, condition_id: "9" })).toBeNull();
  });

  it("show what somebody else changed", () => {
    speak("zh-CN");
    const after = { ...CASE, stage: "pending_dispatch", version: 4 } as CaseDetail;
    expect(differences(CASE, after)).toEqual([{ what: "阶段", before: "待立案", after: "待派遣" }]);
  });
});
