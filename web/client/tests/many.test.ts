import { beforeEach, describe, expect, it, vi } from "vitest";
import { bulkBody, commonVerbs, problemWords, samples, together } from "../desk/bulk";
import { items } from "../desk/cases";
import { onKey } from "../desk/keys";
import { foldedWords, idsOf, title } from "../desk/notice_words";
import { clearSelection, extend, selectAll, selected, selectTo, toggle } from "../desk/selection";
import { EACH_ITS_OWN } from "../desk/verb_inputs";
import { NOTHING } from "../desk/verbs";
import { eventFacts } from "../shared/case/event_facts";
import { outcomeWords } from "../shared/case/story";
import { speak } from "../shared/language";
import { calmly } from "../shared/polling";
import { aCase, aRow } from "./make";

const rows = ["1", "2", "3", "4"].map((no) => aRow(no));
const chosen = (): string[] => [...selected.value].sort();

beforeEach(() => {
  speak("zh-CN");
  items.value = rows;
  clearSelection();
});

describe("selecting rows", () => {
  it("takes a range from the last one selected", () => {
    toggle("2");
    selectTo("4");
    expect(chosen()).toEqual(["2", "3", "4"]);
    toggle("3");
    expect(chosen()).toEqual(["2", "4"]);
  });

  it("begins with one where no range has begun", () => {
    selectTo("3");
    expect(chosen()).toEqual(["3"]);
    extend("3", "4");
    expect(chosen()).toEqual(["3", "4"]);
    selectAll();
    expect(chosen()).toHaveLength(4);
  });

  it("works by the keyboard: space, Shift+J, Escape", () => {
    document.body.innerHTML = rows.map(({ no }) => `<a href="#" data-row data-no="${no}">${no}</a>`).join("");
    const first = document.querySelector<HTMLElement>("[data-row]")!;
    first.focus();
    const press = (key: string, shiftKey = false): void => onKey(Object.assign(new KeyboardEvent("keydown", { key, shiftKey, cancelable: true }), {}) as KeyboardEvent & { target: HTMLElement });
    document.addEventListener("keydown", onKey);
    first.dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true }));
    document.activeElement!.dispatchEvent(new KeyboardEvent("keydown", { key: "J", shiftKey: true, bubbles: true }));
    expect(chosen()).toEqual(["1", "2"]);
    press("Escape");
    expect(chosen()).toEqual([]);
    document.removeEventListener("keydown", onKey);
  });
});

describe("one verb for many", () => {
  it("looks at one case of each kind only", () => {
    expect(samples([...rows, aRow("9", { stage: "suspended" })]).map(({ no }) => no)).toEqual(["1", "9"]);
  });

  it("offers what all of them allow and needs nothing of the single case", () => {
    const a = aCase({ stage: "pending_dispatch", allowed_verbs: ["dispatch", "relocate", "note", "file"] });
    const b = aCase({ stage: "pending_dispatch", allowed_verbs: ["dispatch", "note", "file"], category: { code: "02001" } as never });
    expect(commonVerbs([a, b])).toEqual(["dispatch", "note"]);
    expect(commonVerbs([a])).toContain("file");
    expect(commonVerbs([])).toEqual([]);
  });

  it("leaves the department to each case unless one is named", () => {
    const all = together([aCase({ stage: "pending_dispatch", departments: [{ code: "d1" }, { code: "d2" }] as never }), aCase({ departments: [{ code: "d2" }] as never })]);
    expect(all.departments.map(({ code }) => code)).toEqual(["d2"]);
    const cases = [{ no: "1", version: 3 }];
    expect(bulkBody("dispatch", all, { ...NOTHING, department: EACH_ITS_OWN }, cases)).toEqual({ verb: "dispatch", cases });
    expect(bulkBody("dispatch", all, { ...NOTHING, department: "d2", note: "快" }, cases)).toEqual({ verb: "dispatch", cases, department: "d2", note: "快" });
  });

  it("says why one was not done", () => {
    expect(problemWords({ no: "1", ok: false, problem: { title: "请求有误", errors: [{ field: "reason", message: "请填写" }] } })).toBe("请填写");
    expect(problemWords({ no: "1", ok: false, problem: { title: "版本已变", detail: "请刷新" } })).toBe("请刷新");
  });
});

describe("notices", () => {
  const fold = { count: 15, by_kind: { urge: 3, warn: 12 }, ids: [4, 5], cases: ["1"], from: "", to: "" };

  it("fold into one line, the most first, and stand for all their ids", () => {
    expect(title({ kind: "warn", folded: fold })).toBe("15 条通知");
    expect(foldedWords(fold)).toBe("将超期 12,超期催办 3");
    expect(idsOf({ id: 9, folded: fold })).toEqual([4, 5]);
    expect(idsOf({ id: 9 })).toEqual([9]);
  });

  it("tell an order without an answer from work that is late", () => {
    expect(title({ kind: "reply_urge" })).toBe("督办未按时回复");
    expect(title({ kind: "urge" })).toBe("超期催办");
    expect(title({ kind: "from_the_future" })).toBe("案件有变动");
  });
});

describe("the story", () => {
  it("tells what a reader wants of every turn", () => {
    const facts = (data: Record<string, unknown>) => Object.fromEntries(eventFacts({ data }));
    expect(facts({ limit: 3, unit: "work_day", seconds: 86400, awaits: "dispatcher", version: 4, hash: "ab" })).toEqual({ 延长: "3 工作日", 等待审批: "派遣员" });
    expect(facts({ assist: [{ name: "绿化所", name_en: "Green" }, { name: "城管", name_en: "Order" }], unit: { name: "一班", name_en: "Unit 1" } })).toEqual({ 协办: "绿化所、城管", 下属单位: "一班" });
    expect(facts({ resume_on: "2027-03-01", lapsed: ["extension"] })).toEqual({ 恢复日: "2027-03-01", 失效的申请: "延期申请" });
    expect(facts({ place: { from: null, to: { lon: 121.5, lat: 31.2 } } })).toEqual({ 新位置: "121.500000, 31.200000" });
    const captured_at = "2026-11-22T00:30:00Z";
    expect(Object.keys(facts({ captured_at, device_at: "1970-01-01T00:03:00Z" }))).toEqual(["采集时刻", "手机钟显示"]);
    expect(Object.keys(facts({ captured_at, device_at: captured_at }))).toEqual(["采集时刻"]);
    expect(outcomeWords({ verb: "decide_extension", outcome: "endorsed" })).toBe("同意,转下一级审批");
  });
});

describe("a storm of events", () => {
  it("becomes one question at once and one after a pause", () => {
    vi.useFakeTimers();
    const ask = vi.fn();
    const calm = calmly(ask, 2_000);
    for (let n = 0; n < 500; n += 1) calm();
    expect(ask).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(2_000);
    expect(ask).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(10_000);
    expect(ask).toHaveBeenCalledTimes(2);
    vi.useRealTimers();
  });
});
