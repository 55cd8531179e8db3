/** Photos from camera or file to bytes that the server takes: made smaller on a phone, kept as ArrayBuffers. */
import { signal } from "@preact/signals";
import { type Drawn, drawSmaller, MOST_BYTES } from "./drawing";
import { exifOf, upright, withExif } from "./exif";
import { newId } from "./ids";
import { putBytes } from "./http";

const PATIENCE_MS = 15_000;
/** Photos are made no longer than this many pixels on this device; 0: as they are. */
export const photoSide = signal(0);

export interface Picture {
  id: string;
  type: string;
  bytes: ArrayBuffer;
  sent: boolean;
}

export class PictureRefused extends Error {
  constructor(readonly code: "photo_type" | "photo_broken" | "photo_big", readonly file: string) {
    super(code);
  }
}

const HEIF_BRANDS = /^(heic|heix|heim|heis|hevc|hevx|mif1|msf1)$/;

/** What the file is by its first bytes, whatever its name says; null: none of the kinds that the server reads. */
export function typeOf(bytes: ArrayBuffer): string | null {
  const head = new Uint8Array(bytes.slice(0, 12));
  const text = String.fromCharCode(...head);
  if (text.startsWith("\u00ff\u00d8\u00ff")) return "image/jpeg";
  if (text.startsWith("\u0089PNG\r\n\u001a\n")) return "image/png";
  if (text.startsWith("RIFF") && text.slice(8) === "WEBP") return "image/webp";
  return text.slice(4, 8) === "ftyp" && HEIF_BRANDS.test(text.slice(8)) ? "image/heic" : null;
}

/** The photo as bytes, before anything is done with it; told by its first bytes to be one. */
export async function readPicture(file: File): Promise<Picture> {
  // gone since it was chosen, or in a cloud that does not answer
  const bytes = await file.arrayBuffer().catch(() => Promise.reject(new PictureRefused("photo_broken", file.name)));
  const type = typeOf(bytes);
  if (!type) throw new PictureRefused("photo_type", file.name);
  return { id: newId(), type, bytes, sent: false };
}

/** Answers of the worker that draws, by number; null: it has none, and the page draws itself. */
interface Drawer {
  worker: Worker;
  waiting: Map<number, (drawn: Drawn | null) => void>;
  next: number;
}

let drawer: Drawer | null | undefined;

function openDrawer(): Drawer | null {
  if (typeof Worker === "undefined" || typeof OffscreenCanvas === "undefined") return null;
  const worker = new Worker(new URL("./draw_worker.ts", import.meta.url), { type: "module" });
  const made: Drawer = { worker, waiting: new Map(), next: 0 };
  worker.onmessage = ({ data }: MessageEvent<{ n: number; drawn: Drawn }>) => {
    made.waiting.get(data.n)?.(data.drawn);
    made.waiting.delete(data.n);
  };
  // its code could not be had: the page draws by itself from now on
  worker.onerror = () => {
    drawer = null;
    made.waiting.forEach((answer) => answer(null));
    made.waiting.clear();
  };
  return made;
}

/** Off the page's own thread, so that nothing typed or tapped waits for it. */
async function drawAside(photo: Blob, bytes: number, side: number): Promise<Drawn> {
  drawer ??= drawer === undefined ? openDrawer() : null;
  const by = drawer;
  const drawn = by && (await new Promise<Drawn | null>((resolve) => {
    by.next += 1;
    by.waiting.set(by.next, resolve);
    setTimeout(resolve, PATIENCE_MS, null); // a worker that has died says nothing
    by.worker.postMessage({ n: by.next, photo, bytes, side });
  }));
  return drawn ?? drawSmaller(photo, bytes, side);
}

/**
 * The photo made smaller, under the same id, with the original's EXIF (its place and time are evidence).
 * As it is where it is small enough, where a copy would be no smaller, and where the browser cannot draw it (HEIC).
 */
export async function shrink(picture: Picture, name = "", side = photoSide.value): Promise<Picture> {
  const { bytes, type } = picture;
  const undrawn = type === "image/heic" || typeof createImageBitmap === "undefined";
  const drawn = undrawn ? { copy: null, broken: false } : await drawAside(new Blob([bytes], { type }), bytes.byteLength, side);
  if (drawn.broken) throw new PictureRefused("photo_broken", name);
  const block = exifOf(bytes, type);
  const copy = drawn.copy && withExif(await drawn.copy.arrayBuffer(), block && upright(block));
  if (copy && copy.byteLength < bytes.byteLength) return { ...picture, type: "image/jpeg", bytes: copy };
  if (bytes.byteLength > MOST_BYTES) throw new PictureRefused("photo_big", name);
  return picture;
}

export type ChangePictures = (edit: (before: Picture[]) => Picture[]) => void;

/**
 * Takes photos in one by one: each stands there as it came, and again when it is smaller. Whatever else is changed
 * meanwhile stays. Answers with the files that are none.
 */
export async function takePictures(files: readonly File[], change: ChangePictures, most = 20): Promise<PictureRefused[]> {
  const refused: PictureRefused[] = [];
  for (const file of files) {
    let id = "";
    try {
      const taken = await readPicture(file);
      id = taken.id;
      change((before) => [...before, taken].slice(0, most));
      const smaller = await shrink(taken, file.name);
      if (smaller !== taken) change((before) => before.map((other) => (other.id === id ? smaller : other)));
    } catch (error) {
      if (!(error instanceof PictureRefused)) throw error;
      change((before) => before.filter((other) => other.id !== id));
      refused.push(error);
    }
  }
  return refused;
}

export async function sendPicture(picture: Picture): Promise<void> {
  await putBytes(`photos/${picture.id}`, picture.bytes, picture.type);
}
