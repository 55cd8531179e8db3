import { beforeEach, describe, expect, it } from "vitest";
import { dayAfter, suspensionDays } from "../desk/days";
import { changedWords } from "../desk/differences";
import { effectWords } from "../desk/effects";
import { stanceOf } from "../desk/stance";
import { bodyOf, fieldsOf, missing, mostLimit, PLAIN, pointOf, wrong } from "../desk/verb_fields";
import { submitName, verbName } from "../desk/verb_words";
import { NOTHING, type Entered } from "../desk/verbs";
import { speak } from "../shared/language";
import { aCase, aRequest, seat } from "./make";

const entered = (part: Partial<Entered>): Entered => ({ ...NOTHING, ...part });
const kinds = (...given: Parameters<typeof fieldsOf>): string[] => fieldsOf(...given).map(({ kind }) => kind);

beforeEach(() => speak("zh-CN"));

describe("an extension", () => {
  const asked = aCase({ requests: [aRequest({ data: { limit: 3, unit: "work_day" } })] });

  it("is asked for in the condition's unit, at most its limit, with a reason", () => {
    expect(kinds("request_extension", aCase(), NOTHING)).toEqual(["limit", "reason"]);
    expect(wrong("request_extension", aCase(), entered({ limit: "6" }), "", "")).toEqual(["limit"]);
    expect(wrong("request_extension", aCase(), entered({ limit: "5" }), "", "")).toEqual([]);
    expect(wrong("request_extension", aCase(), entered({ limit: "1.5" }), "", "")).toEqual(["limit"]);
    expect(bodyOf("request_extension", aCase(), entered({ limit: "2", reason: "雨" }), [])).toEqual({ version: 3, limit: 2, reason: "雨" });
  });

  it("says the deadline that the server foretells for so many, else how much is added", () => {
    const told = aCase({ effects: { request_extension: { to: "handling", clock: null, limits: { "2": "2026-11-26T02:00:00Z" } } } });
    expect(effectWords(told, "request_extension", entered({ limit: "2" }), PLAIN)).toContain("延至 2026-11-26 10:00");
    expect(effectWords(told, "request_extension", entered({ limit: "4" }), PLAIN)).toContain("再加 4 工作日");
  });

  it("in the second of two steps adds to the second limit", () => {
    const second = aCase({ step: 2, then: { limit: 1, unit: "urgent_hour", closing_zh: "", closing_en: "" } });
    expect(mostLimit("request_extension", second)).toBe(1);
  });

  it("is granted with less than asked, and denied with a reason", () => {
    expect(mostLimit("decide_extension", asked)).toBe(3);
    expect(kinds("decide_extension", asked, entered({ outcome: "granted" }))).toEqual(["outcome", "limit", "reason"]);
    expect(missing("decide_extension", asked, entered({ outcome: "granted" }), 0)).toEqual([]);
    expect(missing("decide_extension", asked, entered({ outcome: "denied" }), 0)).toEqual(["reason"]);
    expect(effectWords(asked, "decide_extension", entered({ outcome: "denied" }), PLAIN)).toContain("一切照旧");
    expect(effectWords(asked, "decide_extension", NOTHING, PLAIN)).toBeNull();
  });
});

describe("a suspension", () => {
  it("ends on a day from tomorrow to a year from now", () => {
    const { first, last } = suspensionDays("2026-12-31");
    expect([first, last]).toEqual(["2027-01-01", "2027-12-31"]);
    expect(dayAfter("2028-02-28", 1)).toBe("2028-02-29");
    expect(wrong("request_suspension", aCase(), entered({ resume_on: "2026-12-31" }), "2026-12-31", last)).toEqual(["resume_on"]);
    expect(wrong("request_suspension", aCase(), entered({ resume_on: first }), "2026-12-31", last)).toEqual([]);
    expect(missing("request_suspension", aCase(), entered({ reason: "管线" }), 0)).toEqual(["resume_on"]);
  });

  it("says when it goes on by itself, also for the day that was asked for", () => {
    const asked = aCase({ requests: [aRequest({ kind: "suspension", data: { resume_on: "2027-03-01" } })] });
    expect(effectWords(asked, "decide_suspension", entered({ outcome: "granted" }), PLAIN)).toContain("2027-03-01 0 时自动恢复");
  });
});

describe("ends that two must agree on", () => {
  const open = aCase({ requests: [aRequest({ kind: "force_close", awaits: "leader", data: {} })] });

  it("are asked for by one post and done by the other", () => {
    expect(stanceOf("cancel", aCase(), [seat("acceptor")]).asks).toBe(true);
    expect(stanceOf("cancel", aCase(), [seat("shift_lead")]).asks).toBe(false);
    expect(stanceOf("force_close", aCase(), [seat("leader")]).asks).toBe(true);
    expect(stanceOf("force_close", open, [seat("leader")]).asks).toBe(false);
  });

  it("say so in their names and effects", () => {
    const asks = stanceOf("cancel", aCase(), [seat("acceptor")]);
    expect(verbName("cancel", aCase(), asks)).toContain("值班长批准");
    expect(effectWords(aCase(), "cancel", NOTHING, asks)).toContain("批准前案件照常流转");
    expect(submitName("force_close", open, PLAIN, "denied")).toBe("不同意");
  });

  it("ask who approves for yes or no, and for a reason only when it is no", () => {
    expect(kinds("force_close", open, NOTHING)).toContain("outcome");
    expect(kinds("cancel", aCase(), NOTHING)).toEqual(["reason"]);
    expect(missing("force_close", open, entered({ outcome: "granted" }), 0)).toEqual([]);
    expect(missing("force_close", open, entered({ outcome: "denied" }), 0)).toEqual(["reason"]);
    expect(missing("cancel", aCase(), NOTHING, 0)).toEqual(["reason"]);
  });
});

describe("returning and passing up", () => {
  it("need words only for another reason than the listed", () => {
    expect(missing("refuse", aCase(), entered({ reason_code: "no_means" }), 0)).toEqual([]);
    expect(missing("refuse", aCase(), entered({ reason_code: "other" }), 0)).toEqual(["reason"]);
    expect(missing("reject", aCase(), entered({ reason_code: "other" }), 0)).toEqual(["reason"]);
    expect(missing("pass_up", aCase(), NOTHING, 0)).toEqual(["reason_code"]);
  });

  it("warn that the second return goes to the higher centre", () => {
    const item = aCase({ refused_count: 1, effects: { refuse: { to: "pending_dispatch", clock: null } } });
    expect(effectWords(item, "refuse", NOTHING, PLAIN)).toContain("第 2 次退单");
  });
});

describe("what the server foretells", () => {
  const clock = (state: string) => ({ kind: "handle", round: 1, state, started_at: "2026-11-20T02:00:00Z", due_at: "2026-11-24T02:00:00Z", left_minutes: 90 });
  const before = aCase({ clocks: [clock("running")] as never });

  it("names the centre that it goes to, and that the handling clock pauses with what is left", () => {
    const after = aCase({ stage: "pending_dispatch", department: null, centre: { code: "310101000000", name: "黄浦区", level: "district" }, clocks: [clock("paused")] as never });
    const words = effectWords(before, "refuse", NOTHING, PLAIN, after);
    expect(words).toContain("责任中心改为黄浦区");
    expect(words).toContain("处置时限暂停(剩 1 小时 30 分)");
  });

  it("is said in words where somebody was faster, ids only as changed", () => {
    const differs = [{ field: "stage", yours: "handling", now: "handled" }, { field: "department_id", yours: 1, now: 2 }];
    expect(changedWords(differs)).toEqual(["阶段:处置中 → 处置完毕", "部门已改"].map((words) => expect.stringContaining(words.slice(0, 2))));
    expect(changedWords([{ field: "round", yours: 1, now: 2 }])).toHaveLength(1);
  });
});

describe("joint work", () => {
  const turn = (code: string, lead: boolean) => ({ round: 1, lead, state: "open", department: { code, name: code, name_en: code } });
  const item = aCase({ handlings: [turn("d1", true), turn("d2", false)] as never });

  it("an assisting department ends its own part only", () => {
    expect(stanceOf("finish", item, [seat("handler", "d2")]).part).toBe(true);
    expect(stanceOf("finish", item, [seat("handler", "d1")]).part).toBe(false);
    expect(effectWords(item, "finish", NOTHING, stanceOf("finish", item, [seat("handler", "d2")]))).toContain("只完成本部门的部分");
  });

  it("is dispatched to a lead with others, and inside a department to a unit", () => {
    const waiting = aCase({ stage: "pending_dispatch" });
    expect(bodyOf("dispatch", waiting, entered({ department: "d1", assist: "d2,d3" }), [])).toEqual({ version: 3, department: "d1", assist: ["d2", "d3"] });
    expect(bodyOf("dispatch", aCase(), entered({ unit: "u1" }), [])).toEqual({ version: 3, department: "u1" });
    expect(bodyOf("dispatch", aCase(), NOTHING, [])).toEqual({ version: 3, department: null });
    expect(verbName("dispatch", aCase(), PLAIN)).toBe("派到下属单位");
  });

  it("says the second limit when the first of two steps is done", () => {
    const step = { to: "handling", clock: { kind: "handle", due_at: "2026-11-30T02:00:00Z" } };
    const two = aCase({ then: { limit: 5, unit: "work_day", closing_zh: "", closing_en: "" }, effects: { finish: { to: "handled", clock: null, outcomes: { step } } } as never });
    expect(effectWords(two, "finish", NOTHING, PLAIN)).toContain("2026-11-30 10:00");
  });
});

describe("merging and moving", () => {
  it("is taken back on the duplicate, with a reason and no first case", () => {
    const merged = aCase({ stage: "cancelled", merged_into: "3101012611170100001" });
    expect(kinds("merge", merged, NOTHING)).toEqual(["reason"]);
    expect(bodyOf("merge", merged, entered({ reason: "不是同一处" }), [])).toEqual({ version: 3, reason: "不是同一处", into: null });
    expect(missing("merge", aCase({ stage: "reported" }), NOTHING, 0)).toEqual(["into"]);
  });

  it("takes a pin as the API takes a point", () => {
    expect(pointOf({ lon: "121.47", lat: "31.23" })).toEqual({ lon: 121.47, lat: 31.23, crs: "wgs84" });
    expect(pointOf({ lon: "500", lat: "31" })).toBeNull();
    expect(pointOf({ lon: "121", lat: " " })).toBeNull();
    expect(missing("relocate", aCase(), entered({ reason: "写错" }), 0)).toEqual(["place"]);
    const { point, address } = bodyOf("relocate", aCase(), entered({ lon: "121.47", lat: "31.23", reason: "写错" }), []) as { point: unknown; address?: string };
    expect(point).toMatchObject({ lon: 121.47 });
    expect(address).toBeUndefined();
  });

  it("asks for a condition only once the case is filed", () => {
    expect(kinds("recategorise", aCase(), NOTHING)).toContain("condition_id");
    expect(kinds("recategorise", aCase({ filed_at: null }), NOTHING)).not.toContain("condition_id");
  });
});

describe("answering an order", () => {
  const order = (id: number, open = true) => ({ id, open, centre: { code: "310101000000" }, reply_due_at: "" });

  it("asks which one only where several are open", () => {
    const one = aCase({ orders: [order(1), order(2, false)] as never });
    const two = aCase({ orders: [order(1), order(2)] as never });
    const seats = [seat("shift_lead")];
    expect(kinds("reply_supervision", one, NOTHING, stanceOf("reply_supervision", one, seats))).toEqual(["text"]);
    expect(kinds("reply_supervision", two, NOTHING, stanceOf("reply_supervision", two, seats))).toEqual(["order_id", "text"]);
  });
});
