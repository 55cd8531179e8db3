// @vitest-environment node
/** Where tiles come from, and the shift of GCJ-02 (domain: coordinates §8.2). */
import { describe, expect, it } from "vitest";
import { fromGcj, toGcj } from "../shared/ground/gcj";
import { type Basemap, tileAddress } from "../shared/map/basemap";

const map = (part: Partial<Basemap>): Basemap => ({
  url: "https://tiles.example/{z}/{x}/{y}.png", kind: "xyz", layer: "", matrix_set: "w", crs: "wgs84", key: "", attribution: "", most_zoom: 18, ...part,
});

describe("the address of a tile", () => {
  it("fills what the configuration leaves open", () => {
    expect(tileAddress(map({ url: "https://tiles.example/{z}/{x}/{y}.png?k={key}", key: "a b" }), 16, 54880, 26767)).toBe("https://tiles.example/16/54880/26767.png?k=a%20b");
  });

  it("goes round the hosts, the same tile always to the same", () => {
    const hosts = [0, 1, 7, 8].map((x) => tileAddress(map({ url: "https://t{0-7}.example/{x}" }), 3, x, 0).split("/")[2]);
    expect(hosts).toEqual(["t0.example", "t1.example", "t7.example", "t0.example"]);
    expect(tileAddress(map({ url: "https://{a-c}.example/{x}" }), 3, 2, 2)).toBe("https://b.example/2");
  });

  it("asks a WMTS by its own parameters", () => {
    const address = new URL(tileAddress(map({ url: "https://t{0-7}.tianditu.gov.cn/vec_c/wmts?tk={key}", key: "K", kind: "wmts", layer: "vec", matrix_set: "c" }), 12, 3430, 668));
    expect(Object.fromEntries(address.searchParams)).toEqual({
      tk: "K", SERVICE: "WMTS", REQUEST: "GetTile", VERSION: "1.0.0", LAYER: "vec", STYLE: "default", TILEMATRIXSET: "c", FORMAT: "tiles",
      TILEMATRIX: "12", TILEROW: "668", TILECOL: "3430",
    });
  });

  it("follows a template of a WMTS, too", () => {
    expect(tileAddress(map({ kind: "wmts", layer: "L", url: "https://w.example/{layer}/{set}/{z}/{y}/{x}" }), 1, 2, 3)).toBe("https://w.example/L/w/1/3/2");
  });
});

describe("GCJ-02", () => {
  it.each([
    [121.5272106, 31.1774276, 121.531541859215, 31.17530398364597],
    [121.4737, 31.2304, 121.4782231, 31.2284577],
  ])("shifts %d, %d as published and back", (lon, lat, x, y) => {
    const there = toGcj(lon, lat);
    expect([Math.abs(there[0] - x), Math.abs(there[1] - y)].every((away) => away < 1e-7)).toBe(true);
    const back = fromGcj(...there);
    expect([Math.abs(back[0] - lon), Math.abs(back[1] - lat)].every((away) => away < 1e-11)).toBe(true);
  });

  it("leaves the rest of the world where it is", () => {
    expect(toGcj(2.35, 48.85)).toEqual([2.35, 48.85]);
    expect(fromGcj(2.35, 48.85)).toEqual([2.35, 48.85]);
  });
});
