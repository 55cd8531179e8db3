/** The icons that phones ask for as PNG, drawn at build time with the geometry of `public/icon.svg`. */
import { crc32, deflateSync } from "node:zlib";
import type { Plugin } from "vite";

type Colour = readonly [r: number, g: number, b: number];
/** In the units of icon.svg, 0 … 512. */
type Inside = (x: number, y: number) => boolean;

const GREEN: Colour = [0x0f, 0x6b, 0x5c];
const WHITE: Colour = [0xff, 0xff, 0xff];
const RED: Colour = [0xff, 0x8a, 0x80];
const HALF = 14; // of the stroke's width
const LINES = [112, 208, 304, 400];
const SAMPLES = 4; // a pixel is 4 × 4 points

const between = (value: number, low: number, high: number): boolean => value >= low && value <= high;

/** icon.svg's path: the square 112 … 400 with two lines each way, which end on its edges. */
const lines: Inside = (x, y) => {
  const on = (across: number, along: number): boolean =>
    LINES.some((at) => between(across, at - HALF, at + HALF)) && between(along, 112 - HALF, 400 + HALF);
  return on(x, y) || on(y, x);
};
const dot: Inside = (x, y) => Math.hypot(x - 256, y - 256) <= 44;
const rounded: Inside = (x, y) => {
  const dx = Math.max(96 - x, x - 416, 0);
  const dy = Math.max(96 - y, y - 416, 0);
  return Math.hypot(dx, dy) <= 96;
};
const whole: Inside = () => true;

interface Drawing {
  size: number;
  ground: Inside;
  /** How much of the picture the drawing takes; a maskable icon keeps clear of the rim. */
  scale?: number;
  /** White on nothing: the mark in a notification's bar. */
  plain?: boolean;
}

function at({ ground, scale = 1, plain = false }: Drawing, x: number, y: number): Colour | null {
  const [u, v] = [(x - 256) / scale + 256, (y - 256) / scale + 256];
  if (plain) return dot(u, v) || lines(u, v) ? WHITE : null;
  if (dot(u, v)) return RED;
  if (lines(u, v)) return WHITE;
  return ground(x, y) ? GREEN : null;
}

function pixel(drawing: Drawing, column: number, row: number): number[] {
  const step = 512 / drawing.size / SAMPLES;
  const sum = [0, 0, 0];
  let covered = 0;
  for (let i = 0; i < SAMPLES * SAMPLES; i += 1) {
    const found = at(drawing, (column * SAMPLES + (i % SAMPLES) + 0.5) * step, (row * SAMPLES + Math.floor(i / SAMPLES) + 0.5) * step);
    if (!found) continue;
    covered += 1;
    found.forEach((value, part) => (sum[part]! += value));
  }
  return [...sum.map((value) => (covered ? Math.round(value / covered) : 0)), Math.round((255 * covered) / (SAMPLES * SAMPLES))];
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A PNG with 8 bits a channel and transparency. */
export function png(drawing: Drawing): Buffer {
  const { size } = drawing;
  const rows: number[] = [];
  for (let row = 0; row < size; row += 1) {
    rows.push(0); // no filter
    for (let column = 0; column < size; column += 1) rows.push(...pixel(drawing, column, row));
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", deflateSync(Buffer.from(rows), { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

export const ICONS: Record<string, Drawing> = {
  "icon-192.png": { size: 192, ground: rounded },
  "icon-512.png": { size: 512, ground: rounded },
  "icon-maskable-512.png": { size: 512, ground: whole, scale: 0.8 },
  "apple-touch-icon.png": { size: 180, ground: whole, scale: 0.9 },
  "badge-96.png": { size: 96, ground: whole, plain: true, scale: 1.4 },
};

export function icons(): Plugin {
  return {
    name: "icons",
    apply: "build",
    generateBundle() {
      for (const [fileName, drawing] of Object.entries(ICONS)) this.emitFile({ type: "asset", fileName, source: png(drawing) });
    },
  };
}
