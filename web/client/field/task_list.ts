/** The inspector's tasks in order, with the time that is left now, also long after the server was asked. */
import { signal } from "@preact/signals";
import type { CaseItem, Light } from "../shared/api";
import { metresBetween } from "../shared/format";
import { serverNow } from "../shared/http";
import { session } from "../shared/session";
import { position } from "./position";
import { outbox } from "./outbox/items";
import { isOver } from "./outbox/over";
import { synced, syncNow, tasks } from "./sync";
import type { Task } from "./sync_shapes";

export { tasks };
export const loadTasks = syncNow;

export type Order = "nearest" | "due";
const KEPT = "wangge_task_order";

function keptOrder(): Order {
  try {
    return localStorage.getItem(KEPT) === "due" ? "due" : "nearest";
  } catch {
    return "nearest";
  }
}

export const order = signal<Order>(keptOrder());

export function orderBy(next: Order): void {
  order.value = next;
  try {
    localStorage.setItem(KEPT, next);
  } catch {
    // forbidden: then it is chosen anew each time
  }
}

export function metresTo(item: Pick<CaseItem, "point">): number | null {
  return item.point && position.value ? metresBetween(position.value, item.point) : null;
}

const MINUTE = 60_000;
type Timed = Pick<CaseItem, "light" | "clock" | "left_minutes">;

/**
 * The light and the minutes left at `now`, of what the server said at `asked` (both by its clock).
 *
 * The moments of yellow and due are exact. Working minutes are counted down only where no rest lies before the due
 * moment; otherwise they stay as told until the moment itself is nearer: never more is promised than there is.
 */
export function timed<T extends Timed>(item: T, asked: number, now: number): T {
  const { clock, left_minutes: told } = item;
  if (!clock || clock.paused || told === null || item.light === "paused" || item.light === "none") return item;
  const due = Date.parse(clock.due_at);
  const real = (due - now) / MINUTE;
  const straight = Math.abs((due - asked) / MINUTE - told) <= 1.5;
  const yellow = clock.yellow_at ? Date.parse(clock.yellow_at) : due;
  const light: Light = now >= due ? "red" : now >= yellow ? "yellow" : item.light;
  return { ...item, light, left_minutes: straight ? Math.round(real) : told < 0 ? told : Math.min(told, Math.round(real)) };
}

export function timedNow<T extends Timed>(item: T): T {
  const asked = synced.value?.now;
  return asked ? timed(item, Date.parse(asked), serverNow().getTime()) : item;
}

const LAST = Number.MAX_SAFE_INTEGER;
const minutes = (item: Timed): number => (item.light === "paused" || item.light === "none" ? LAST : (item.left_minutes ?? LAST));

/** Nearest or soonest first; among equals the other counts, and without a position the time alone. */
export function inOrder<T extends Timed & Pick<CaseItem, "no" | "point">>(items: readonly T[], by: Order = order.value): T[] {
  const way = (item: T): number => metresTo(item) ?? LAST;
  return [...items].sort((a, b) => {
    const byWay = way(a) - way(b);
    const byTime = minutes(a) - minutes(b);
    return (by === "nearest" ? byWay || byTime : byTime || byWay) || a.no.localeCompare(b.no);
  });
}

/** Nearest first; where the way is not known, as they were. */
export function byWay<T extends Pick<CaseItem, "point">>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => (metresTo(a) ?? LAST) - (metresTo(b) ?? LAST));
}

/** Whether an answer to this task waits on the phone. */
export function isAnswered(no: string): boolean {
  return outbox.value.some((item) => item.answer?.no === no && item.person === session.value?.person.id && (item.state === "waiting" || item.state === "sending"));
}

/** Tasks that left the list without an answer from this phone; shown until the person has read it. */
export const gone = signal<Task[]>([]);

let before: { person: number; tasks: Task[] } | null = null;

/** To be called with each new list. */
export function noteGone(person: number, listed: readonly Task[]): void {
  const open = new Set(listed.map((task) => task.no));
  const mine = new Set(outbox.value.flatMap((item) => (item.answer && item.person === person && (item.state !== "refused" || isOver(item)) ? [item.answer.no] : [])));
  const left = before?.person === person ? before.tasks.filter((task) => !open.has(task.no) && !mine.has(task.no)) : [];
  const told = before?.person === person ? gone.value.filter((task) => !open.has(task.no)) : [];
  gone.value = [...told, ...left].slice(-20);
  before = { person, tasks: [...listed] };
}
