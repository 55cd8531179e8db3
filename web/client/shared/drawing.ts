/** Drawing a photo smaller: for the page and for the worker beside it. */

export const MOST_BYTES = 20 * 1024 * 1024;
const TOO_LARGE_SIDE = 4000;
const QUALITY = 0.85;

export interface Drawn {
  /** Null: the photo stays as it is. */
  copy: Blob | null;
  /** It cannot be opened. */
  broken: boolean;
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

/** The photo as a JPEG no longer than `side`, upright. */
export async function drawSmaller(photo: Blob, bytes: number, side: number): Promise<Drawn> {
  const image = await createImageBitmap(photo).catch(() => null);
  if (!image) return { copy: null, broken: true };
  try {
    const size = smallerSize(image, bytes, side);
    return { copy: size && (await draw(image, size).catch(() => null)), broken: false };
  } finally {
    image.close();
  }
}
