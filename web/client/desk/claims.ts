/** Who has a case open: taken when one opens it with something to do, renewed while one looks, given back on leaving. */
import { signal } from "@preact/signals";
import type { CaseDetail, Verb } from "../shared/api";
import type { Claim } from "../shared/case/turns";
import { call, get, post, Problem, put } from "../shared/http";

const RENEW_MS = 60_000;
/** While somebody works on the page, who takes a case from them is seen so soon. */
const LOOK_MS = 2_000;
const WORKING_MS = 60_000;
/** What everybody may do to a case that they only look at; it takes nobody's work. */
const LOOKING: Verb[] = ["note", "urge", "supervise"];

export const claim = signal<{ no: string; claim: Claim } | null>(null);
/** I had it, and somebody took it over. */
export const lost = signal<{ no: string; person: string } | null>(null);

let held = "";
let timer: ReturnType<typeof setInterval> | undefined;

export function worthClaiming({ allowed_verbs }: Pick<CaseDetail, "allowed_verbs">): boolean {
  return allowed_verbs.some((verb) => !LOOKING.includes(verb));
}

function show(no: string, found: Claim | null): void {
  claim.value = found && { no, claim: found };
}

async function ask(no: string, take: boolean): Promise<void> {
  try {
    const answer = await put<{ claim: Claim }>(`cases/${no}/claim`, take ? { take: true } : {});
    if (held !== no) return void release(no);
    show(no, answer.claim);
    lost.value = null;
  } catch (failure) {
    if (!(failure instanceof Problem) || held !== no) return;
    if (failure.status === 409) await learn(no);
  }
}

/** The one who has it, as the case itself tells. */
async function learn(no: string): Promise<void> {
  const had = claim.value?.no === no && claim.value.claim.mine;
  const { claim: found } = await get<CaseDetail>(`cases/${no}`);
  if (held !== no) return;
  show(no, found);
  if (had && found && !found.mine) lost.value = { no, person: found.person };
}

/** A case comes into hand: the one before is given back. */
export function hold(item: CaseDetail): void {
  if (held === item.no) return void follow(item);
  letGo();
  show(item.no, item.claim);
  if (!worthClaiming(item)) return;
  held = item.no;
  void ask(item.no, false);
  asked = Date.now();
  timer = setInterval(look, LOOK_MS);
}

let worked = Date.now();
let asked = 0;

/** Renews what is held: often while somebody works here, each minute else; so its loss is told at once. */
function look(): void {
  if (document.visibilityState !== "visible" || !held || !claim.value?.claim.mine) return;
  const now = Date.now();
  if (now - worked > WORKING_MS && now - asked < RENEW_MS) return;
  asked = now;
  void ask(held, false);
}

if (typeof document !== "undefined") {
  for (const name of ["keydown", "pointerdown", "pointermove"]) document.addEventListener(name, () => (worked = Date.now()), { passive: true });
  document.addEventListener("visibilitychange", () => {
    asked = 0;
    look();
  });
}

/** The case was asked again: somebody may have taken it over meanwhile. */
function follow({ no, claim: found }: CaseDetail): void {
  const had = claim.value?.no === no && claim.value.claim.mine;
  if (had && found && !found.mine) lost.value = { no, person: found.person };
  if (found) show(no, found);
  else if (claim.value && !claim.value.claim.mine) void ask(no, false);
}

export function takeOver(no: string): void {
  held = no;
  void ask(no, true);
}

function release(no: string): void {
  void call("DELETE", `cases/${no}/claim`, { keepalive: true }).catch(() => undefined);
}

/** The case is out of sight: nothing is left to give back. */
export function dropClaim(no: string): void {
  if (held !== no) return;
  clearInterval(timer);
  held = "";
  claim.value = null;
  lost.value = null;
}

/** Gives back what is held: on leaving the case, the page, the desk. */
export function letGo(): void {
  clearInterval(timer);
  if (held && claim.value?.claim.mine) release(held);
  held = "";
  claim.value = null;
  lost.value = null;
}

/** The next case of the list asked for, taken from the pool; null when none is left. */
export async function takeNext(query: Record<string, unknown>): Promise<string | null> {
  try {
    return (await post<{ no: string }>("cases:claim", query)).no;
  } catch (failure) {
    if (failure instanceof Problem && failure.status === 404) return null;
    throw failure;
  }
}
