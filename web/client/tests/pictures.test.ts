import { afterEach, describe, expect, it, vi } from "vitest";
import { MOST_BYTES, smallerSize } from "../shared/drawing";
import { PictureRefused, type Picture, shrink, takePictures, typeOf } from "../shared/pictures";

const bytes = (...parts: (number | string)[]): ArrayBuffer =>
  new Uint8Array(parts.flatMap((part) => (typeof part === "string" ? [...part].map((sign) => sign.charCodeAt(0)) : [part]))).buffer;
const JPEG = bytes(0xff, 0xd8, 0xff, 0xe0, "0123456789");
const HEIC = bytes(0, 0, 0, 0x18, "ftypheic", 0, 0, 0, 0);

/** The photo as it stands in the end, or why it is none. */
async function takePicture(file: File): Promise<Picture | PictureRefused> {
  let pictures: Picture[] = [];
  const [refused] = await takePictures([file], (edit) => (pictures = edit(pictures)));
  return refused ?? pictures[0]!;
}

describe("a photo chosen", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("is told by its first bytes, not by its name", async () => {
    vi.stubGlobal("createImageBitmap", async () => ({ width: 640, height: 480, close: () => undefined }));
    expect(typeOf(JPEG)).toBe("image/jpeg");
    expect(typeOf(bytes(0x89, "PNG\r\n", 0x1a, "\n0000"))).toBe("image/png");
    expect(typeOf(bytes("RIFF0000WEBPVP8 "))).toBe("image/webp");
    expect(typeOf(HEIC)).toBe("image/heic");
    expect(typeOf(bytes("RIFF0000WAVEfmt "))).toBeNull();
    expect(await takePicture(new File([JPEG], "x.txt", { type: "text/plain" }))).toMatchObject({ type: "image/jpeg" });
  });

  it("is refused by name when it is a text called no.jpg, or broken inside", async () => {
    vi.stubGlobal("createImageBitmap", () => Promise.reject(new Error("cannot decode")));
    const chosen = (content: BlobPart): Promise<unknown> =>
      takePicture(new File([content], "no.jpg", { type: "image/jpeg" }));
    expect(await chosen("not a photo at all")).toMatchObject({ code: "photo_type", file: "no.jpg" });
    expect(await chosen(JPEG)).toBeInstanceOf(PictureRefused);
    expect(await chosen(JPEG)).toMatchObject({ code: "photo_broken" });
    expect(await chosen(HEIC)).toMatchObject({ type: "image/heic" }); // no browser but Safari draws it
  });
});

describe("making a photo smaller", () => {
  afterEach(() => vi.unstubAllGlobals());
  const drawing = (length: number) => {
    vi.stubGlobal("createImageBitmap", async () => ({ width: 4000, height: 3000, close: () => undefined }));
    vi.stubGlobal("OffscreenCanvas", class {
      getContext = () => ({ drawImage: () => undefined, fillRect: () => undefined });
      convertToBlob = async () => new Blob([new Uint8Array([0xff, 0xd8, ...new Array<number>(length).fill(1)])]);
    });
  };
  const taken = { id: "p1", type: "image/jpeg", bytes: bytes(0xff, 0xd8, "x".repeat(100)), sent: false };

  it("keeps what is small enough, and shortens the longer side of what is not", () => {
    expect(smallerSize({ width: 2048, height: 1536 }, 900_000, 2048)).toBeNull();
    expect(smallerSize({ width: 4000, height: 3000 }, 900_000, 2048)).toEqual({ width: 2048, height: 1536 });
    expect(smallerSize({ width: 3000, height: 4000 }, 900_000, 2048)).toEqual({ width: 1536, height: 2048 });
    expect(smallerSize({ width: 90_000, height: 3 }, 1, 2048)).toEqual({ width: 2048, height: 1 });
  });

  it("leaves photos as they are where nobody wants them smaller, unless the server would not take them", () => {
    expect(smallerSize({ width: 9000, height: 6000 }, MOST_BYTES, 0)).toBeNull();
    expect(smallerSize({ width: 9000, height: 6000 }, MOST_BYTES + 1, 0)).toEqual({ width: 4000, height: 2667 });
    expect(smallerSize({ width: 1000, height: 800 }, MOST_BYTES + 1, 2048)).toEqual({ width: 1000, height: 800 });
  });

  it("keeps the id, and the original where the copy would be no smaller", async () => {
    drawing(20);
    expect(await shrink(taken, "", 2048)).toMatchObject({ id: "p1", type: "image/jpeg", bytes: { byteLength: 22 } });
    drawing(500);
    expect(await shrink(taken, "", 2048)).toBe(taken);
  });
});
