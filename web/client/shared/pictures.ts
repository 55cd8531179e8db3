/** Photos from camera or file to bytes that the server takes: made smaller on a phone, kept as ArrayBuffers. */
import { signal } from "@preact/signals";
import { exifOf, upright, withExif } from "./exif";
import { newId } from "./ids";
import { putBytes } from "./http";

export const MOST_BYTES = 20 * 1024 * 1024;
/** Photos are made no longer than this many pixels on this device; 0: as they are. */
export const photoSide = signal(0);
const TOO_LARGE_SIDE = 4000;
const QUALITY = 0.85;

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

export interface Size {
  width: number;
  height: number;
}

/** How large the copy is drawn; null: the photo stays as it is. */
export function smallerSize({ width, height }: Size, bytes: number, side: number): Size | null {
  const longest = Math.max(width, height);
  const most = side || (bytes > MOST_BYTES ? TOO_LARGE_SIDE : longest);
  if (longest <= most && bytes <= MOST_BYTES) return null;
  const scale = Math.min(1, most / longest);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Draws off the page's own thread where the browser can. */
async function draw(image: ImageBitmap, { width, height }: Size): Promise<Blob | null> {
  const paint = (context: OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D | null): void => {
    if (!context) return;
    context.imageSmoothingQuality = "high";
    context.fillStyle = "white"; // beneath what is transparent
    context.fillRect(0, 0, width, height);
    context.drawImage(image, 0, 0, width, height);
  };
  if (typeof OffscreenCanvas !== "undefined") {
    const canvas = new OffscreenCanvas(width, height);
    paint(canvas.getContext("2d"));
    return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  }
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  paint(canvas.getContext("2d"));
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
}

/** The photo as bytes, before anything is done with it; told by its first bytes to be one. */
export async function readPicture(file: File): Promise<Picture> {
  const bytes = await file.arrayBuffer();
  const type = typeOf(bytes);
  if (!type) throw new PictureRefused("photo_type", file.name);
  return { id: newId(), type, bytes, sent: false };
}

/**
 * The photo made smaller, under the same id, with the original's EXIF (its place and time are evidence).
 * As it is where it is small enough, where a copy would be no smaller, and where the browser cannot draw it (HEIC).
 */
export async function shrink(picture: Picture, name = "", side = photoSide.value): Promise<Picture> {
  const { bytes, type } = picture;
  const undrawn = type === "image/heic" || typeof createImageBitmap === "undefined";
  const image = undrawn ? null : await createImageBitmap(new Blob([bytes], { type })).catch(() => null);
  if (!image && !undrawn) throw new PictureRefused("photo_broken", name);
  const size = image && smallerSize(image, bytes.byteLength, side);
  const drawn = image && size ? await draw(image, size).catch(() => null) : null;
  image?.close();
  const block = exifOf(bytes, type);
  const copy = drawn && withExif(await drawn.arrayBuffer(), block && upright(block));
  if (copy && copy.byteLength < bytes.byteLength) return { ...picture, type: "image/jpeg", bytes: copy };
  if (bytes.byteLength > MOST_BYTES) throw new PictureRefused("photo_big", name);
  return picture;
}

export async function takePicture(file: File): Promise<Picture> {
  return shrink(await readPicture(file), file.name);
}

export async function sendPicture(picture: Picture): Promise<void> {
  await putBytes(`photos/${picture.id}`, picture.bytes, picture.type);
}
