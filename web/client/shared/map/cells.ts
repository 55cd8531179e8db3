/** Outlines of cells, fetched once a page. */
import type { Centre } from "../api";
import { get } from "../http";

export type Outlines = { type: "FeatureCollection"; features: unknown[] };

const fetched = new Map<string, Promise<Outlines>>();

async function ask(path: string): Promise<Outlines> {
  const answer = await get<{ type: string; features?: unknown[] }>(path);
  return answer.type === "FeatureCollection"
    ? (answer as Outlines)
    : { type: "FeatureCollection", features: [answer] };
}

/** The cells right below a centre's; a village shows itself. */
export function outlinesOf(centre: Pick<Centre, "code" | "level">): Promise<Outlines> {
  const path = centre.level === "village" ? `cells/${centre.code}.geojson` : `cells/${centre.code}/children.geojson`;
  let kept = fetched.get(path);
  if (!kept) {
    kept = ask(path);
    fetched.set(path, kept);
    kept.catch(() => fetched.delete(path));
  }
  return kept;
}
