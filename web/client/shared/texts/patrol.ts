/** The desk's patrol: who is on duty, roll calls, alarms, duty areas. */
import type { Pair } from "../texts";

export const patrolTexts = {
} as const satisfies Record<string, Pair>;
