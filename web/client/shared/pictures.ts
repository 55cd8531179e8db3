/** Photos from camera or file to bytes that the server takes: at most 20 MB, kept as ArrayBuffers. */
import { newId } from "./ids";
import { putBytes } from "./http";

export const MOST_BYTES = 20 * 1024 * 1024;
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

async function shrink(file: Blob): Promise<Blob | null> {
  try {
    const image = await createImageBitmap(file);
    const scale = Math.min(1, 4000 / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
  } catch {
    return null;
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

/** Whether the browser can draw it; it cannot draw HEIC, and where it has no decoder the first bytes must do. */
async function opens(file: Blob, type: string): Promise<boolean> {
  if (type === "image/heic" || typeof createImageBitmap === "undefined") return true;
  try {
    (await createImageBitmap(file)).close();
    return true;
  } catch {
    return false;
  }
}

/** The photo as it is (its EXIF is evidence); only what is too large is made smaller. */
export async function takePicture(file: File): Promise<Picture> {
  const bytes = await file.arrayBuffer();
  const type = typeOf(bytes);
  if (!type) throw new PictureRefused("photo_type", file.name);
  if (!(await opens(new Blob([bytes], { type }), type))) throw new PictureRefused("photo_broken", file.name);
  if (file.size <= MOST_BYTES) return { id: newId(), type, bytes, sent: false };
  const smaller = await shrink(file);
  if (!smaller || smaller.size > MOST_BYTES) throw new PictureRefused("photo_big", file.name);
  return { id: newId(), type: "image/jpeg", bytes: await smaller.arrayBuffer(), sent: false };
}

export async function sendPicture(picture: Picture): Promise<void> {
  await putBytes(`photos/${picture.id}`, picture.bytes, picture.type);
}
