/** The EXIF of a photo: taken out of the original and put into the smaller copy, so that place and time stay as evidence. */

const SOI = 0xd8;
const APP1 = 0xe1;
const START_OF_SCAN = 0xda;
const ORIENTATION = 0x0112;
const GPS_FOLDER = 0x8825;
const EXIF_FOLDER = 0x8769;
const TAKEN = 0x9003;
const MOST_SEGMENT = 0xffff;
const HEAD = [0x45, 0x78, 0x69, 0x66, 0, 0]; // "Exif\0\0"

export interface PhotoFacts {
  /** WGS-84 degrees. */
  lon: number | null;
  lat: number | null;
  /** As the camera's clock said, `2026:11:22 09:12:00`. */
  taken: string | null;
}

/** The segments of a JPEG before its picture: marker, and where marker, length and content stand. */
function* segments(bytes: Uint8Array): Generator<{ marker: number; from: number; to: number }> {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!;
    const to = at + 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    if (marker === START_OF_SCAN || to > bytes.length) return;
    yield { marker, from: at, to };
    at = to;
  }
}

function inPng(bytes: Uint8Array): Uint8Array | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (kind === "eXIf" && at + 8 + length <= bytes.length) return bytes.slice(at + 8, at + 8 + length);
    at += 12 + length;
  }
  return null;
}

function inWebp(bytes: Uint8Array): Uint8Array | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    const kind = String.fromCharCode(...bytes.subarray(at, at + 4));
    if (kind === "EXIF" && at + 8 + length <= bytes.length) {
      const found = bytes.slice(at + 8, at + 8 + length);
      return isExif(found, 0) ? found.slice(HEAD.length) : found;
    }
    at += 8 + length + (length % 2);
  }
  return null;
}

function isExif(bytes: Uint8Array, at: number): boolean {
  return HEAD.every((sign, index) => bytes[at + index] === sign);
}

/** The EXIF block (TIFF) of a JPEG, PNG or WebP; null where there is none. */
export function exifOf(photo: ArrayBuffer, type: string): Uint8Array | null {
  const bytes = new Uint8Array(photo);
  if (type === "image/png") return inPng(bytes);
  if (type === "image/webp") return inWebp(bytes);
  for (const { marker, from, to } of segments(bytes)) {
    if (marker === APP1 && isExif(bytes, from + 4)) return bytes.slice(from + 4 + HEAD.length, to);
  }
  return null;
}

/** One entry of a TIFF folder: how many values of which kind, and where the first one stands. */
interface Entry {
  tag: number;
  kind: number;
  count: number;
  at: number;
}

const SIZES: Record<number, number> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8 };

class Tiff {
  readonly view: DataView;
  readonly little: boolean;

  constructor(block: Uint8Array) {
    this.view = new DataView(block.buffer, block.byteOffset, block.byteLength);
    this.little = block[0] === 0x49;
  }

  short(at: number): number {
    return this.view.getUint16(at, this.little);
  }

  long(at: number): number {
    return this.view.getUint32(at, this.little);
  }

  folder(at: number): Entry[] {
    return Array.from({ length: this.short(at) }, (_, index) => {
      const here = at + 2 + index * 12;
      const [kind, count] = [this.short(here + 2), this.long(here + 4)];
      const inside = (SIZES[kind] ?? 1) * count <= 4;
      return { tag: this.short(here), kind, count, at: inside ? here + 8 : this.long(here + 8) };
    });
  }

  /** The folder that an entry of the first folder leads to. */
  below(tag: number): Entry[] {
    const door = this.folder(this.long(4)).find((entry) => entry.tag === tag);
    return door ? this.folder(this.long(door.at)) : [];
  }

  text({ at, count }: Entry): string {
    return String.fromCharCode(...new Uint8Array(this.view.buffer, this.view.byteOffset + at, count)).replace(/\0.*$/s, "").trim();
  }

  /** Degrees, minutes, seconds as degrees. */
  degrees({ at }: Entry): number {
    const part = (n: number): number => this.long(at + n * 8) / this.long(at + n * 8 + 4);
    return part(0) + part(1) / 60 + part(2) / 3600;
  }
}

/** Runs what reads a block; a block that is broken says nothing. */
function read<T>(block: Uint8Array, reading: (tiff: Tiff) => T): T | null {
  try {
    return reading(new Tiff(block));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The block as it fits a picture that was drawn upright: the same, but that nobody turns the picture once more. */
export function upright(block: Uint8Array): Uint8Array {
  const copy = block.slice();
  read(copy, (tiff) => {
    const entry = tiff.folder(tiff.long(4)).find(({ tag }) => tag === ORIENTATION);
    if (entry) tiff.view.setUint16(entry.at, 1, tiff.little);
  });
  return copy;
}

/** The JPEG with the EXIF block as its first segment; without one where the block is too long for it. */
export function withExif(jpeg: ArrayBuffer, block: Uint8Array | null): ArrayBuffer {
  const length = (block?.length ?? 0) + HEAD.length + 2;
  const bytes = new Uint8Array(jpeg);
  if (!block || length > MOST_SEGMENT || bytes[1] !== SOI) return jpeg;
  const whole = new Uint8Array(bytes.length + length + 2);
  whole.set([0xff, SOI, 0xff, APP1, length >> 8, length & 0xff, ...HEAD]);
  whole.set(block, 6 + HEAD.length);
  whole.set(bytes.subarray(2), 6 + HEAD.length + block.length);
  return whole.buffer;
}

/** Where and when the camera says that the photo was taken. */
export function factsOf(photo: ArrayBuffer, type: string): PhotoFacts {
  const nothing: PhotoFacts = { lon: null, lat: null, taken: null };
  const block = exifOf(photo, type);
  if (!block) return nothing;
  return read(block, (tiff) => {
    const gps = new Map(tiff.below(GPS_FOLDER).map((entry) => [entry.tag, entry]));
    const [northing, lat, easting, lon] = [1, 2, 3, 4].map((tag) => gps.get(tag));
    const taken = tiff.below(EXIF_FOLDER).find(({ tag }) => tag === TAKEN);
    const place = lat && lon
      ? { lon: tiff.degrees(lon) * (easting && tiff.text(easting) === "W" ? -1 : 1), lat: tiff.degrees(lat) * (northing && tiff.text(northing) === "S" ? -1 : 1) }
      : null;
    const sane = place && Math.abs(place.lon) <= 180 && Math.abs(place.lat) <= 90 && (place.lon !== 0 || place.lat !== 0);
    return { ...nothing, ...(sane && place), taken: taken ? tiff.text(taken) : null };
  }) ?? nothing;
}
