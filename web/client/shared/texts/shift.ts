/** The shift: clocking in and out, roll calls, alarms, track, push, themes. */
import type { Pair } from "../texts";

export const shiftTexts = {
} as const satisfies Record<string, Pair>;
