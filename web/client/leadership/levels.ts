/** Which areas stand below an area. */
import type { Level } from "../shared/api";

const BELOW: Record<Level, Level | null> = { city: "district", district: "street", street: "village", village: null };

export function below(level: Level): Level | null {
  return BELOW[level];
}
