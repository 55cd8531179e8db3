/** My reports as the map shows them: those that the centre has, and those that are still on this phone. */
import { computed } from "@preact/signals";
import type { Point } from "../../shared/api";
import { outbox, refused, waiting } from "../outbox/items";
import type { Kept } from "../outbox/kinds";
import { ownReports } from "../sync";

export interface OnPhone {
  /** The item's uuid: a number comes from the centre. */
  no: string;
  item: Kept;
  point: Point;
}

export const onPhone = computed<OnPhone[]>(() => [...refused.value, ...waiting.value].flatMap((item) => (
  item.report?.point && !item.receipt ? [{ no: item.id, item, point: item.report.point }] : [])));

export const mapReports = computed(() => [...ownReports.value, ...onPhone.value]);

/** Where a report on the map is opened. */
export function roomOf(no: string): "outbox" | "mine" {
  return outbox.value.some((item) => item.id === no) ? "outbox" : "mine";
}
