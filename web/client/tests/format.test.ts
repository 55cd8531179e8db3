import { beforeEach, describe, expect, it } from "vitest";
import { brief, clock, count, day, distance, exact, left, metresBetween, percent } from "../shared/format";
import { speak } from "../shared/language";

describe("what people read", () => {
  beforeEach(() => speak("zh-CN"));

  it("shows moments in the city's zone, whatever the device's", () => {
    expect(exact("2026-11-22T01:12:00Z")).toBe("2026-11-22 09:12");
    expect(brief("2026-11-22T01:12:00Z")).toBe("11月22日 09:12");
    speak("en");
    expect(brief("2026-11-22T01:12:00Z")).toBe("11-22 09:12");
    expect(day("2026-11-21T16:30:00Z")).toBe("2026-11-22");
    expect(exact(null)).toBe("—");
  });

  it("says what is left, and counts up what is over", () => {
    expect(left(80)).toBe("剩 1 小时 20 分");
    expect(left(-42)).toBe("超 42 分");
    expect(left(120)).toBe("剩 2 小时");
    speak("en");
    expect(left(80)).toBe("1 h 20 min left");
    expect(clock(185)).toBe("3:05");
    expect(clock(-42)).toBe("-0:42");
    expect(clock(-5999)).toBe("-99:59");
    expect(clock(-7185)).toBe("-119 h");
    speak("zh-CN");
    expect(clock(-123_456)).toBe("-2,057 小时");
  });

  it("shows distances, counts and shares", () => {
    expect(distance(343)).toBe("340 m");
    expect(distance(1250)).toBe("1.3 km");
    expect(count(3180)).toBe("3,180");
    expect(count(null)).toBe("—");
    expect(percent(0.9342)).toBe("93.4 %");
    expect(percent(null)).toBe("—");
  });

  it("measures a kilometre as a kilometre", () => {
    const metres = metresBetween({ lon: 121.4737, lat: 31.2304 }, { lon: 121.4737, lat: 31.2394 });
    expect(metres).toBeGreaterThan(995);
    expect(metres).toBeLessThan(1006);
  });
});
