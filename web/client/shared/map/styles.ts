/** How cells, cases and marks are drawn; colours are the page's own tokens, so both themes fit. */
import type { FeatureLike } from "ol/Feature";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import Text from "ol/style/Text";
import type { Light } from "../api";
import { shapeOf } from "../parts/light";

type Draw = (feature: FeatureLike) => Style | Style[];

export interface Styles {
  /** Every cell of the city, from vector tiles: thin lines, names of the villages when they are large enough. */
  ground: (feature: FeatureLike, resolution: number) => Style;
  cells: Draw;
  cases: Draw;
  marks: Draw;
  refresh(): void;
  /** Codes of the cells drawn by themselves, whose names the ground then leaves out. */
  named: Set<string>;
}

const TOKENS = ["surface", "line", "ink", "muted", "accent", "focus", "green", "amber", "red", "paused"] as const;
type Colours = Record<(typeof TOKENS)[number], string>;

function read(): Colours {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(TOKENS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Colours;
}

const LIGHTS: Record<Light, keyof Colours> = { green: "green", yellow: "amber", red: "red", paused: "paused", none: "paused" };
const FONT = 'system-ui, "Noto Sans SC", sans-serif';

/** A token with transparency; the build may have shortened `#ffffff` to `#fff`. */
function faint(colour: string, share: number): string {
  const short = /^#(.)(.)(.)$/.exec(colour);
  const hex = short ? `${short[1]}${short[1]}${short[2]}${short[2]}${short[3]}${short[3]}` : colour.replace("#", "");
  const [r, g, b] = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `rgba(${r}, ${g}, ${b}, ${share})`;
}

/** Paler than 70 % red, so that names stay readable on it. */
function shade(colours: Colours, share: number | undefined): string {
  return share === undefined ? faint(colours.surface, 0.6) : faint(colours.red, share * 0.45);
}

export function makeStyles(): Styles {
  let colours = read();
  const named = new Set<string>();
  return {
    named,
    ground: (feature, resolution) =>
      new Style({
        stroke: new Stroke({ color: colours.line, width: feature.get("level") === "village" ? 1 : 1.5 }),
        ...(feature.get("level") === "village" && resolution < 12 && !named.has(String(feature.get("code"))) && {
          text: new Text({
            text: String(feature.get("name") ?? ""),
            font: `12px ${FONT}`,
            fill: new Fill({ color: colours.muted }),
            stroke: new Stroke({ color: colours.surface, width: 3 }),
          }),
        }),
      }),
    cells: (feature) =>
      new Style({
        fill: new Fill({ color: shade(colours, feature.get("share") as number | undefined) }),
        stroke: new Stroke({ color: colours.muted, width: 1 }),
        text: new Text({
          text: [feature.get("name"), feature.get("value")].filter((part) => part !== undefined).join("\n"),
          font: `12px ${FONT}`,
          overflow: true,
          fill: new Fill({ color: colours.ink }),
          stroke: new Stroke({ color: colours.surface, width: 3 }),
        }),
      }),
    cases: (feature) => {
      const light = feature.get("light") as Light;
      const chosen = Boolean(feature.get("chosen"));
      return new Style({
        zIndex: chosen ? 9 : light === "red" ? 2 : 1,
        ...(chosen && { image: new CircleStyle({ radius: 13, stroke: new Stroke({ color: colours.focus, width: 3 }) }) }),
        text: new Text({
          text: shapeOf(light),
          font: `bold 16px ${FONT}`,
          fill: new Fill({ color: colours[LIGHTS[light]] }),
          stroke: new Stroke({ color: colours.surface, width: 4 }),
        }),
      });
    },
    marks: (feature) => {
      const pin = feature.get("name") === "pin";
      const own = pin ? colours.accent : colours.focus;
      return new Style({
        zIndex: pin ? 21 : 20,
        image: pin
          ? new CircleStyle({ radius: 10, fill: new Fill({ color: own }), stroke: new Stroke({ color: colours.surface, width: 3 }) })
          : new CircleStyle({ radius: 9, fill: new Fill({ color: faint(own, 0.13) }), stroke: new Stroke({ color: own, width: 3 }) }),
        fill: new Fill({ color: faint(own, 0.13) }),
        stroke: new Stroke({ color: own, width: 1 }),
      });
    },
    refresh() {
      colours = read();
    },
  };
}
