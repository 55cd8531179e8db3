/** The way one goes in duty time: points kept on the phone, sent in batches, forgotten when the server has said what became of them. */
import { post, Problem, Unreachable } from "../../shared/http";
import { read, write } from "../store";
import type { TrackPoint } from "../outbox/kinds";
import type { Alarm } from "../sync_shapes";

/** What the server said of a batch. */
interface Taken {
  kept: number;
  known: number;
  refused: { index: number; code: string }[];
  alarm: Alarm | null;
}

const isTaken = (said: Partial<Taken> | null | undefined): said is Taken =>
  typeof said?.kept === "number" && typeof said.known === "number" && Array.isArray(said.refused);

const range = (person: number): IDBKeyRange => IDBKeyRange.bound([person, 0], [person, Infinity]);

export async function keepPoint(point: TrackPoint): Promise<void> {
  await write(["tracks"], (tx) => tx.objectStore("tracks").put(point), false);
}

export function countPoints(person: number): Promise<number> {
  return read(["tracks"], (tx) => tx.objectStore("tracks").count(range(person)));
}

export async function dropPoints(person: number): Promise<void> {
  await write(["tracks"], (tx) => tx.objectStore("tracks").delete(range(person)), false);
}

async function drop(points: readonly TrackPoint[]): Promise<void> {
  await write(["tracks"], async (tx) => {
    for (const { person, at } of points) await tx.objectStore("tracks").delete([person, at]);
  }, false);
}

export const rowOf = ({ at, lon, lat, accuracy_m }: TrackPoint): [number, number, number, number | null] =>
  [Math.round(at), Math.round(lon * 1e7) / 1e7, Math.round(lat * 1e7) / 1e7, accuracy_m];

/** Sends all that waits, the oldest first; what was said of the last batch, null where nothing was sent. */
export async function sendPoints(person: number, batch: number): Promise<Taken | null> {
  let said: Taken | null = null;
  for (;;) {
    const points = await read(["tracks"], (tx) => tx.objectStore("tracks").getAll(range(person), batch));
    if (!points.length) return said;
    try {
      said = await post<Taken>("tracks", { points: points.map(rowOf) });
    } catch (error) {
      // the centre keeps no tracks (any more): then this phone keeps none either
      if (error instanceof Problem && error.name === "tracks-off") await dropPoints(person);
      throw error;
    }
    // a portal says 200 as well: then nothing was said of these points
    if (!isTaken(said)) throw new Unreachable();
    // what was refused is final, too
    await drop(points);
    if (points.length < batch) return said;
  }
}
