/** Map and ground: layers, components, duty area, base map. */
import type { Pair } from "../texts";

export const groundTexts = {
} as const satisfies Record<string, Pair>;
