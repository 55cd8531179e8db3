/** The page's own tokens as the map's colours, so that every theme fits; the sun theme draws heavier lines. */

const TOKENS = ["surface", "line", "ink", "muted", "accent", "focus", "green", "amber", "red", "paused"] as const;

export type Token = (typeof TOKENS)[number];
export interface Colours extends Record<Token, string> {
  /** Factor of the lines' widths. */
  heavy: number;
}

export function readColours(): Colours {
  const root = document.documentElement;
  const style = getComputedStyle(root);
  const colours = Object.fromEntries(TOKENS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Record<Token, string>;
  return { ...colours, heavy: root.dataset["theme"] === "sun" ? 1.75 : 1 };
}

/** A token with transparency; the build may have shortened `#ffffff` to `#fff`. */
export function faint(colour: string, share: number): string {
  const short = /^#(.)(.)(.)$/.exec(colour);
  const hex = short ? `${short[1]}${short[1]}${short[2]}${short[2]}${short[3]}${short[3]}` : colour.replace("#", "");
  const [r, g, b] = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `rgba(${r}, ${g}, ${b}, ${share})`;
}

/** Calls back when the person changes the theme, in the page or on the device. */
export function onTheme(change: () => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", change);
  window.addEventListener("wangge-theme", change);
  return () => {
    dark.removeEventListener("change", change);
    window.removeEventListener("wangge-theme", change);
  };
}
