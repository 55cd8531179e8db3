/** A photo to the server, in parts that go on where the server has stopped; whole where it takes no parts. */
import { isObject, Later, type Line, Refused } from "./exchange";
import { isOffset, isPhotoAnswer } from "./receipts";

export const PART_BYTES = 128 * 1024;
const LEAST_BYTES = 16 * 1024;
const QUICK_MS = 5_000;
/** So often may the server name another offset before we leave it for later. */
const CORRECTIONS = 5;

/** What a run has learnt about sending photos here. */
export interface Way {
  part: number;
  /** The server knows no parts. */
  whole: boolean;
}

interface Sent {
  sha256: string | null;
}

type Photo = { id: string; type: string; bytes: ArrayBuffer; tried: boolean };

const isWhole = ({ id }: Photo) => (body: Record<string, unknown>): boolean => isPhotoAnswer(body, id);
const unknownHere = (error: unknown): boolean => error instanceof Refused && (error.status === 405 || error.status === 404);

async function putWhole(line: Line, photo: Photo): Promise<Sent> {
  const { id, type, bytes } = photo;
  const { body } = await line.send({ method: "PUT", path: `photos/${id}`, bytes, type }, isWhole(photo));
  return { sha256: body["sha256"] as string };
}

/** Where the server wants to go on. */
async function offsetOf(line: Line, id: string): Promise<number> {
  const { body } = await line.send({ method: "GET", path: `photos/${id}/upload` }, isOffset);
  return body["offset"] as number;
}

/** Smaller parts over a line that is too slow for them, larger ones where it is quick. */
async function timed<T>(line: Line, way: Way, send: () => Promise<T>): Promise<T> {
  const began = line.means.now();
  try {
    const result = await send();
    if (line.means.now() - began < QUICK_MS) way.part = Math.min(PART_BYTES, way.part * 2);
    return result;
  } catch (error) {
    if (error instanceof Later && error.trouble === "none") way.part = Math.max(LEAST_BYTES, way.part / 2);
    throw error;
  }
}

async function sendPart(line: Line, photo: Photo, from: number, to: number): Promise<{ offset: number } | Sent> {
  const { id, type, bytes } = photo;
  const headers = { "Upload-Offset": String(from), "Upload-Length": String(bytes.byteLength) };
  try {
    const { body } = await line.send({ method: "PATCH", path: `photos/${id}`, bytes: bytes.slice(from, to), type, headers },
      (found) => isWhole(photo)(found) || isOffset(found));
    return isWhole(photo)(body) ? { sha256: body["sha256"] as string } : { offset: body["offset"] as number };
  } catch (error) {
    const named = error instanceof Refused && error.refusal.name === "upload-offset" && isObject(error.body) ? error.body["offset"] : null;
    if (typeof named === "number") return { offset: named };
    throw error;
  }
}

async function inParts(line: Line, photo: Photo, way: Way, progress: (bytes: number) => void): Promise<Sent> {
  const total = photo.bytes.byteLength;
  let offset = photo.tried ? await offsetOf(line, photo.id) : 0;
  let corrections = 0;
  for (;;) {
    const from = Math.min(Math.max(offset, 0), total);
    progress(from);
    const result = await timed(line, way, () => sendPart(line, photo, from, Math.min(from + way.part, total)));
    if ("sha256" in result) return result;
    if (result.offset <= from || result.offset > total) corrections += 1;
    if (corrections > CORRECTIONS) throw new Later("half", true);
    offset = result.offset;
  }
}

/** Throws as `Line.send` does; returns what the server says it has. */
export async function upload(line: Line, photo: Photo, way: Way, progress: (bytes: number) => void): Promise<Sent> {
  if (!way.whole) {
    try {
      return await inParts(line, photo, way, progress);
    } catch (error) {
      if (!unknownHere(error)) throw error;
      way.whole = true;
    }
  }
  return putWhole(line, photo);
}
