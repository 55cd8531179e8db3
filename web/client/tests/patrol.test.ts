import { beforeEach, describe, expect, it } from "vitest";
import { ledCentres, lightOf, type OnDuty, SILENT_SECONDS, stateWords } from "../desk/patrol/data";
import type { Session } from "../shared/api";
import { speak } from "../shared/language";
import { session } from "../shared/session";

const STREET = { code: "310101002000", level: "street", name: "南京东路街道" } as const;
const CITY = { code: "310000000000", level: "city", name: "上海市" } as const;

function onDuty(part: Partial<OnDuty>): OnDuty {
  return { shift: "s", person: { id: 1, name: "王" }, centre: STREET, since: "", seen: null, duty_areas: [], alarm: null, roll_call: null, ...part };
}

const seen = (age_seconds: number) => ({ at: "", age_seconds, lon: 121, lat: 31, accuracy_m: null });

describe("the patrol", () => {
  beforeEach(() => {
    session.value = null;
  });

  it("shows an alarm before silence, and silence before what is well", () => {
    const alarm = { kind: "outside" as const, started_at: "" };
    expect(lightOf(onDuty({ alarm, seen: seen(1) }), true)).toBe("red");
    expect(lightOf(onDuty({}), true)).toBe("yellow");
    expect(lightOf(onDuty({ seen: seen(SILENT_SECONDS + 1) }), true)).toBe("yellow");
    expect(lightOf(onDuty({ seen: seen(SILENT_SECONDS) }), true)).toBe("green");
  });

  it("says in words what the light says: nobody in yellow is fine", () => {
    speak("zh-CN");
    const words = (part: Partial<OnDuty>, tracks = true): string => stateWords(onDuty(part), { now: "2026-11-22T02:20:00Z", tracks });
    expect(words({})).toBe("尚无位置");
    expect(words({ seen: seen(SILENT_SECONDS + 60) })).toBe("11 分没有位置");
    expect(words({ seen: seen(60) })).toBe("正常");
    expect(words({ roll_call: { id: 1, answer_by: "" } })).toBe("尚无位置 · 等待应答点名");
    expect(words({ alarm: { kind: "outside", started_at: "2026-11-22T02:11:00Z" }, seen: seen(60) })).toBe("离开责任网格 9 分");
    // where no tracks are kept, the banner says so, and nobody stands in yellow for it
    expect([words({}, false), lightOf(onDuty({}), false)]).toEqual(["正常", "green"]);
  });

  it("calls the roll at the centres that one leads, each once, and at no department's", () => {
    const department = { code: "d", name: "市政所" };
    session.value = {
      roles: [
        { role: "inspector", centre: STREET, department: null }, { role: "leader", centre: CITY, department },
        { role: "shift_lead", centre: STREET, department: null }, { role: "leader", centre: STREET, department: null },
      ],
    } as unknown as Session;
    expect(ledCentres()).toEqual([STREET]);
  });
});
