/** Photos from camera or file to bytes that the server takes: at most 20 MB, kept as ArrayBuffers. */
import { newId } from "./ids";
import { putBytes } from "./http";

export const MOST_BYTES = 20 * 1024 * 1024;
const TYPES = ["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"];

export interface Picture {
  id: string;
  type: string;
  bytes: ArrayBuffer;
  sent: boolean;
}

export class PictureRefused extends Error {
  constructor(readonly code: "photo_type" | "photo_big") {
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

function typeOf(file: File): string {
  if (file.type) return file.type;
  const ending = file.name.split(".").pop()?.toLowerCase() ?? "";
  return { jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", heic: "image/heic", heif: "image/heif" }[ending] ?? "";
}

/** The photo as it is (its EXIF is evidence); only what is too large is made smaller. */
export async function takePicture(file: File): Promise<Picture> {
  const type = typeOf(file);
  if (!TYPES.includes(type)) throw new PictureRefused("photo_type");
  if (file.size <= MOST_BYTES) return { id: newId(), type, bytes: await file.arrayBuffer(), sent: false };
  const smaller = await shrink(file);
  if (!smaller || smaller.size > MOST_BYTES) throw new PictureRefused("photo_big");
  return { id: newId(), type: "image/jpeg", bytes: await smaller.arrayBuffer(), sent: false };
}

export async function sendPicture(picture: Picture): Promise<void> {
  await putBytes(`photos/${picture.id}`, picture.bytes, picture.type);
}
