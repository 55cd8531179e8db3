/** How cells, cases and marks are drawn, in the colours of the page's theme. */
import type { FeatureLike } from "ol/Feature";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import RegularShape from "ol/style/RegularShape";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import Text from "ol/style/Text";
import type { Light } from "../api";
import { shapeOf } from "../parts/light";
import { type Colours, faint, readColours, type Token } from "./colours";

type Draw = (feature: FeatureLike, resolution: number) => Style | Style[] | undefined;

export type Drawn = "tiles" | "ground" | "cells" | "duty" | "components" | "reports" | "cases" | "marks";

export interface Styles extends Record<Drawn, Draw> {
  /** Reads the theme's colours anew. */
  refresh(): void;
  /** Codes of the cells drawn by themselves, whose names the tiles then leave out. */
  named: Set<string>;
  /** Whether tiles of a base map lie beneath, which no fill may veil. */
  onTiles: boolean;
}

const LIGHTS: Record<Light, Token> = { green: "green", yellow: "amber", red: "red", paused: "paused", none: "paused" };
const FONT = 'system-ui, "Noto Sans SC", sans-serif';
/** Metres a pixel up to which villages are named, and from there on up to which streets are. */
const VILLAGES_NAMED = 7;
const STREETS_NAMED = 40;
/** How far below the point the pin's grip hangs, so that the thumb never hides the point. */
export const GRIP = 44;

const label = (colours: Colours, size: string, colour: Token): Text =>
  new Text({
    font: `${size} ${FONT}`, overflow: true,
    fill: new Fill({ color: colours[colour] }), stroke: new Stroke({ color: colours.surface, width: 3 }),
  });

/** Lines aslant, for the duty area; drawn once a theme. */
function hatch(colour: string, heavy: number): CanvasPattern | string {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 12;
  const pen = canvas.getContext("2d");
  if (!pen) return "transparent";
  pen.strokeStyle = faint(colour, 0.4);
  pen.lineWidth = heavy;
  for (const at of [-12, 0, 12]) {
    pen.moveTo(at, 12);
    pen.lineTo(at + 12, 0);
  }
  pen.stroke();
  return pen.createPattern(canvas, "repeat") ?? "transparent";
}

function groundStyles(colours: Colours) {
  const line = (colour: Token, width: number) => new Style({ stroke: new Stroke({ color: colours[colour], width: width * colours.heavy }) });
  const lines: Record<string, Style> = { village: line("paused", 0.75), street: line("muted", 2), rim: line("ink", 2.5) };
  const village = new Style({ text: label(colours, "12px", "muted") });
  const street = new Style({ text: label(colours, "bold 13px", "ink") });
  const own = new Style({
    fill: new Fill({ color: faint(colours.accent, 0.14) }), stroke: new Stroke({ color: colours.accent, width: 2 * colours.heavy }), zIndex: 2,
    text: label(colours, "bold 13px", "accent"),
  });
  const name = (style: Style, feature: FeatureLike): Style => {
    style.getText()?.setText(String(feature.get("name") ?? ""));
    return style;
  };
  return (feature: FeatureLike, resolution: number): Style | undefined => {
    const kind = String(feature.get("kind"));
    if (kind === "cell") {
      if (feature.get("chosen")) return name(own, feature);
      return resolution < VILLAGES_NAMED ? name(village, feature) : undefined;
    }
    if (kind === "name") return resolution >= VILLAGES_NAMED && resolution < STREETS_NAMED ? name(street, feature) : undefined;
    return kind === "village" && resolution > STREETS_NAMED ? undefined : lines[kind];
  };
}

function caseStyles(colours: Colours) {
  const kept = new Map<string, Style>();
  const make = (light: Light, chosen: boolean): Style =>
    new Style({
      zIndex: chosen ? 9 : light === "red" ? 2 : 1,
      ...(chosen && { image: new CircleStyle({ radius: 13, stroke: new Stroke({ color: colours.focus, width: 3 }) }) }),
      text: new Text({
        text: shapeOf(light), font: `bold 16px ${FONT}`,
        fill: new Fill({ color: colours[LIGHTS[light]] }), stroke: new Stroke({ color: colours.surface, width: 4 }),
      }),
    });
  return (feature: FeatureLike): Style => {
    const [light, chosen] = [feature.get("light") as Light, Boolean(feature.get("chosen"))];
    const key = `${light}${chosen}`;
    if (!kept.has(key)) kept.set(key, make(light, chosen));
    return kept.get(key)!;
  };
}

function pointStyles(colours: Colours) {
  const rim = new Stroke({ color: colours.surface, width: 2 });
  const component = new Style({ image: new RegularShape({ points: 4, radius: 6, fill: new Fill({ color: colours.muted }), stroke: rim }) });
  const chosen = new Style({
    zIndex: 1, image: new RegularShape({ points: 4, radius: 12, fill: new Fill({ color: colours.accent }), stroke: new Stroke({ color: colours.surface, width: 3 }) }),
  });
  const report = new Style({ image: new CircleStyle({ radius: 7, fill: new Fill({ color: colours.surface }), stroke: new Stroke({ color: colours.accent, width: 3 }) }) });
  return { component: (feature: FeatureLike) => (feature.get("chosen") ? chosen : component), report: () => report };
}

function markStyles(colours: Colours) {
  const around = (own: string) => new Style({ fill: new Fill({ color: faint(own, 0.13) }), stroke: new Stroke({ color: own, width: colours.heavy }) });
  const white = new Stroke({ color: colours.surface, width: 3 });
  const accent = new Fill({ color: colours.accent });
  const dot = new Style({ zIndex: 21, image: new CircleStyle({ radius: 10, fill: accent, stroke: white }) });
  const grip = [
    new Style({ zIndex: 20, image: new RegularShape({ points: 2, radius: GRIP / 2, angle: 0, stroke: new Stroke({ color: colours.accent, width: 4 }), displacement: [0, -GRIP / 2] }) }),
    new Style({ zIndex: 21, image: new CircleStyle({ radius: 7, fill: accent, stroke: white }) }),
    new Style({
      zIndex: 22, image: new CircleStyle({ radius: 22, fill: accent, stroke: white, displacement: [0, -GRIP] }),
    }),
    new Style({ zIndex: 23, image: new RegularShape({ points: 4, radius: 13, radius2: 4, fill: new Fill({ color: colours.surface }), displacement: [0, -GRIP] }) }),
  ];
  const here = new Style({
    zIndex: 20, image: new CircleStyle({ radius: 9, fill: new Fill({ color: faint(colours.focus, 0.13) }), stroke: new Stroke({ color: colours.focus, width: 3 }) }),
  });
  const towards = (heading: number) => new Style({
    zIndex: 20,
    image: new RegularShape({
      points: 3, radius: 8, rotation: (heading * Math.PI) / 180, rotateWithView: true, fill: new Fill({ color: colours.focus }),
      displacement: [0, 17],
    }),
  });
  const circles = { pin: around(colours.accent), here: around(colours.focus) };
  return (feature: FeatureLike): Style | Style[] => {
    const name = feature.get("name") as "pin" | "here";
    if (feature.get("circle")) return circles[name];
    if (name === "pin") return feature.get("grip") ? grip : dot;
    const heading = feature.get("heading") as number | null | undefined;
    return typeof heading === "number" ? [here, towards(heading)] : here;
  };
}

function cellStyles(colours: Colours, styles: Styles) {
  /** Paler than 70 % red, so that names stay readable on it. */
  const shade = (share: number | undefined): string =>
    share === undefined ? faint(colours.surface, styles.onTiles ? 0.1 : 0.6) : faint(colours.red, share * 0.45);
  const tile = (width: number) => new Style({ stroke: new Stroke({ color: colours.line, width }) });
  const [thin, thick] = [tile(1), tile(1.5)];
  const named = new Style({ stroke: new Stroke({ color: colours.line, width: 1 }), text: label(colours, "12px", "muted") });
  return {
    tiles: (feature: FeatureLike, resolution: number): Style => {
      if (feature.get("level") !== "village") return thick;
      if (resolution >= 12 || styles.named.has(String(feature.get("code")))) return thin;
      named.getText()?.setText(String(feature.get("name") ?? ""));
      return named;
    },
    cells: (feature: FeatureLike): Style => {
      const text = label(colours, "12px", "ink");
      text.setText([feature.get("name"), feature.get("value")].filter((part) => part !== undefined).join("\n"));
      return new Style({
        fill: new Fill({ color: shade(feature.get("share") as number | undefined) }),
        stroke: new Stroke({ color: colours.muted, width: 1 }), text,
      });
    },
  };
}

export function makeStyles(): Styles {
  const styles: Styles = {
    named: new Set<string>(), onTiles: false, refresh,
    tiles: () => undefined, ground: () => undefined, cells: () => undefined, duty: () => undefined,
    components: () => undefined, reports: () => undefined, cases: () => undefined, marks: () => undefined,
  };
  function refresh(): void {
    const colours = readColours();
    const duty = new Style({
      fill: new Fill({ color: hatch(colours.accent, colours.heavy) }),
      stroke: new Stroke({ color: colours.accent, width: 3 * colours.heavy, lineDash: [10, 6] }),
    });
    const { component, report } = pointStyles(colours);
    Object.assign(styles, cellStyles(colours, styles), {
      ground: groundStyles(colours), duty: () => duty, components: component, reports: report, cases: caseStyles(colours), marks: markStyles(colours),
    });
  }
  refresh();
  return styles;
}
