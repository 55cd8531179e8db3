import { afterEach, describe, expect, it, vi } from "vitest";
import { PictureRefused, takePicture, typeOf } from "../shared/pictures";

const bytes = (...parts: (number | string)[]): ArrayBuffer =>
  new Uint8Array(parts.flatMap((part) => (typeof part === "string" ? [...part].map((sign) => sign.charCodeAt(0)) : [part]))).buffer;
const JPEG = bytes(0xff, 0xd8, 0xff, 0xe0, "0123456789");
const HEIC = bytes(0, 0, 0, 0x18, "ftypheic", 0, 0, 0, 0);

describe("a photo chosen", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("is told by its first bytes, not by its name", async () => {
    vi.stubGlobal("createImageBitmap", async () => ({ close: () => undefined }));
    expect(typeOf(JPEG)).toBe("image/jpeg");
    expect(typeOf(bytes(0x89, "PNG\r\n", 0x1a, "\n0000"))).toBe("image/png");
    expect(typeOf(bytes("RIFF0000WEBPVP8 "))).toBe("image/webp");
    expect(typeOf(HEIC)).toBe("image/heic");
    expect(typeOf(bytes("RIFF0000WAVEfmt "))).toBeNull();
    expect((await takePicture(new File([JPEG], "x.txt", { type: "text/plain" }))).type).toBe("image/jpeg");
  });

  it("is refused by name when it is a text called no.jpg, or broken inside", async () => {
    vi.stubGlobal("createImageBitmap", () => Promise.reject(new Error("cannot decode")));
    const chosen = (content: BlobPart): Promise<unknown> =>
      takePicture(new File([content], "no.jpg", { type: "image/jpeg" })).catch((error: unknown) => error);
    expect(await chosen("not a photo at all")).toMatchObject({ code: "photo_type", file: "no.jpg" });
    expect(await chosen(JPEG)).toBeInstanceOf(PictureRefused);
    expect(await chosen(JPEG)).toMatchObject({ code: "photo_broken" });
    expect(await chosen(HEIC)).toMatchObject({ type: "image/heic" }); // no browser but Safari draws it
  });
});
