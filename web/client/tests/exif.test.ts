import { describe, expect, it } from "vitest";
import { exifOf, factsOf, upright, withExif } from "../shared/exif";

type Value = number | string | [number, number][];

/** A TIFF block of either byte order: orientation, the moment, and a place, as cameras write them. */
function block(little: boolean, { orientation = 6, taken = "2026:11:22 09:12:00", south = false } = {}): Uint8Array {
  const bytes = new Uint8Array(400);
  const view = new DataView(bytes.buffer);
  bytes.set(little ? [0x49, 0x49] : [0x4d, 0x4d]);
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  let free = 150;
  const folder = (at: number, entries: [tag: number, kind: number, value: Value][]): void => {
    view.setUint16(at, entries.length, little);
    entries.forEach(([tag, kind, value], index) => {
      const here = at + 2 + index * 12;
      const count = typeof value === "number" ? 1 : value.length;
      view.setUint16(here, tag, little);
      view.setUint16(here + 2, kind, little);
      view.setUint32(here + 4, count, little);
      if (typeof value === "number") return kind === 3 ? view.setUint16(here + 8, value, little) : view.setUint32(here + 8, value, little);
      const long = kind === 5 || count > 4;
      if (long) view.setUint32(here + 8, free, little);
      const start = long ? free : here + 8;
      if (typeof value === "string") [...value].forEach((sign, n) => (bytes[start + n] = sign.charCodeAt(0)));
      else value.forEach(([top, bottom], n) => (view.setUint32(start + n * 8, top, little), view.setUint32(start + n * 8 + 4, bottom, little)));
      if (long) free += value.length * (kind === 5 ? 8 : 1);
    });
  };
  folder(8, [[0x0112, 3, orientation], [0x8769, 4, 60], [0x8825, 4, 80]]);
  folder(60, [[0x9003, 2, `${taken}\0`]]);
  folder(80, [[1, 2, south ? "S\0" : "N\0"], [2, 5, [[31, 1], [13, 1], [4944, 100]]], [3, 2, "E\0"], [4, 5, [[121, 1], [28, 1], [2532, 100]]]]);
  return bytes.slice(0, free);
}

const PICTURE = [0xff, 0xdb, 0, 4, 1, 2, 0xff, 0xda, 0, 2, 7, 7, 7, 0xff, 0xd9];

function jpeg(exif: Uint8Array | null): ArrayBuffer {
  const plain = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 4, 9, 9, ...PICTURE]).buffer;
  return withExif(plain, exif);
}

describe.each([["little", true], ["big", false]] as const)("the EXIF of a photo, %s end first", (_, little) => {
  it("is put into another JPEG whole, as its first segment, and found there again", () => {
    const original = block(little);
    const copy = withExif(new Uint8Array([0xff, 0xd8, ...PICTURE]).buffer, exifOf(jpeg(original), "image/jpeg"));
    expect([...new Uint8Array(copy).slice(0, 4)]).toEqual([0xff, 0xd8, 0xff, 0xe1]);
    expect(exifOf(copy, "image/jpeg")).toEqual(original);
    expect([...new Uint8Array(copy).slice(-PICTURE.length)]).toEqual(PICTURE);
  });

  it("says upright for a copy that was drawn upright, and nothing else changes", () => {
    const [before, after] = [block(little), upright(block(little))];
    const changed = [...before.keys()].filter((at) => before[at] !== after[at]);
    expect(changed).toHaveLength(1);
    expect(after).toEqual(block(little, { orientation: 1 }));
  });

  it("tells place and time", () => {
    const facts = factsOf(jpeg(block(little)), "image/jpeg");
    expect(facts.lon).toBeCloseTo(121.4737, 6);
    expect(facts.lat).toBeCloseTo(31.2304, 6);
    expect(facts.taken).toBe("2026:11:22 09:12:00");
    expect(factsOf(jpeg(block(little, { south: true })), "image/jpeg").lat).toBeCloseTo(-31.2304, 6);
  });
});

describe("a photo without sound EXIF", () => {
  it("is left as it is", () => {
    const plain = jpeg(null);
    expect(exifOf(plain, "image/jpeg")).toBeNull();
    expect(factsOf(plain, "image/jpeg")).toEqual({ lon: null, lat: null, taken: null });
    expect(withExif(plain, new Uint8Array(70_000))).toBe(plain);
    expect(exifOf(new ArrayBuffer(0), "image/jpeg")).toBeNull();
  });

  it("breaks nothing where the block is cut off or points out of itself", () => {
    const whole = block(true);
    for (let length = 0; length < whole.length; length += 7) {
      const cut = whole.slice(0, length);
      expect(upright(cut)).toHaveLength(length);
      expect(() => factsOf(jpeg(cut), "image/jpeg")).not.toThrow();
    }
    const astray = whole.slice();
    new DataView(astray.buffer).setUint32(4, 0xffffff00, true);
    expect(factsOf(jpeg(astray), "image/jpeg").taken).toBeNull();
  });
});

it("EXIF of PNG and WebP is found in its chunk", () => {
  const original = block(false);
  const sized = (n: number, little: boolean): number[] => (little ? [n & 255, n >> 8, 0, 0] : [0, 0, n >> 8, n & 255]);
  const text = (words: string): number[] => [...words].map((sign) => sign.charCodeAt(0));
  const png = new Uint8Array([...new Array<number>(8).fill(1), ...sized(1, false), ...text("IHDR"), 5, 0, 0, 0, 0, ...sized(original.length, false), ...text("eXIf"), ...original, 0, 0, 0, 0]);
  expect(exifOf(png.buffer, "image/png")).toEqual(original);
  const webp = new Uint8Array([...text("RIFF0000WEBP"), ...text("VP8 "), ...sized(3, true), 1, 2, 3, 0, ...text("EXIF"), ...sized(original.length + 6, true), ...text("Exif\0\0"), ...original]);
  expect(exifOf(webp.buffer, "image/webp")).toEqual(original);
});
