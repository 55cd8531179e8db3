// @vitest-environment node
/** The phone says of a point what the server says, by the fixtures that the server's own tests are held to. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type CompactGrid, decode } from "../shared/ground/compact";
import { covers } from "../shared/ground/cover";
import { whereIs } from "../shared/ground/locate";
import { toPlane } from "../shared/ground/plane";

const read = <T>(name: string): T => JSON.parse(readFileSync(join(import.meta.dirname, "ground", name), "utf8")) as T;

interface Sample {
  lon: number;
  lat: number;
  accuracy_m: number | null;
  answer: { cell: string; method: string; confidence: string; distance_m: number; candidates: unknown[] } | null;
}

const grid = read<CompactGrid>("huangpu.json");
const { points } = read<{ points: Sample[] }>("points.json");

describe("the compact grid", () => {
  it("closes every ring", () => {
    for (const village of decode(grid).villages) {
      for (const ring of village.polygons.flat()) expect([ring.at(-2), ring.at(-1)], village.code).toEqual([ring[0], ring[1]]);
    }
  });

  it("names each village's line from the city down", () => {
    expect(decode(grid).byCode.get("310101002001")?.line.map((cell) => cell.level)).toEqual(["city", "district", "street", "village"]);
  });
});

describe("where a point lies", () => {
  it("is the server's answer", () => {
    expect(points.length).toBeGreaterThan(300);
    for (const { answer, ...point } of points) {
      const where = whereIs(grid, point, point.accuracy_m);
      const said = where.method === "outside" ? null
        : { cell: where.cell?.code, method: where.method, confidence: where.confidence, distance_m: where.distance_m,
          candidates: where.candidates.map(({ code, distance_m }) => ({ code, distance_m })) };
      expect({ ...point, answer: said }).toEqual({ ...point, answer });
    }
  });

  it("is said outside with the nearest village and how far it is", () => {
    const where = whereIs(grid, { lon: 121.44, lat: 31.19 }, 8);
    expect([where.method, where.line, where.cell?.code.slice(0, 6)]).toEqual(["outside", [], "310101"]);
    expect(where.distance_m).toBeGreaterThan(1000);
  });
});

describe("the plane", () => {
  // the values that the server's tests hold it to (domain: coordinates §8.1)
  it("is the server's", () => {
    const [east, north] = toPlane(121.4737, 31.2304);
    expect([east.toFixed(2), north.toFixed(2)]).toEqual(["643.64", "-540.78"]);
  });
});

describe("covering", () => {
  const square = (a: number, b: number) => Float64Array.from([a, a, b, a, b, b, a, b, a, a]);
  const holed = [[square(0, 9), square(3, 6)]];
  it.each([[1, 1, true], [4, 4, false], [3, 4, true], [6, 6, true], [9, 5, true], [0, 0, true], [9.1, 5, false], [10, 9, false]])(
    "knows holes, edges and corners: %d %d", (x, y, inside) => expect(covers(holed, x, y)).toBe(inside));
});
