/** Who is signed in on this page. */
import { signal } from "@preact/signals";
import type { Level, Role, Session } from "./api";
import { call, csrfTokenBy, get, keepCsrfToken, notOurs, post, Problem, signedOut, Unreachable } from "./http";

const KEPT = "wangge_session";

export const session = signal<Session | null>(null);

/** A session without a person is none: a portal answers with JSON, too. */
function isSession(found: unknown): found is Session {
  const { person, roles, permissions } = (found ?? {}) as Partial<Session>;
  return typeof person?.id === "number" && Array.isArray(roles) && Array.isArray(permissions);
}

function checked(answer: Session): Session {
  if (!isSession(answer)) throw notOurs();
  return answer;
}

export function take(answer: Session): void {
  session.value = answer;
  signedOut.value = false;
  keepCsrfToken(answer.csrf_token ?? "");
  // the token is no secret from this page, but a kept copy must not outlive the session
  localStorage.setItem(KEPT, JSON.stringify({ ...answer, csrf_token: "" }));
}

function kept(): Session | null {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT) ?? "null") as unknown;
    return isSession(found) ? found : null;
  } catch {
    return null;
  }
}

async function askToken(): Promise<void> {
  try {
    const answer = checked(await get<Session>("session"));
    // somebody else has signed in beside this page: nothing is sent in their name
    if (session.value && answer.person.id !== session.value.person.id) throw new Problem(401, { type: "urn:wangge:problem:not-signed-in" });
    take(answer);
  } catch (error) {
    if (error instanceof Problem && error.status === 401) signedOut.value = true;
    throw error;
  }
}

csrfTokenBy(askToken);

/** Who was signed in last on this device, without asking; for pages that start without a connection. */
export function recall(): boolean {
  session.value = kept();
  if (session.value) keepCsrfToken(null);
  return session.value !== null;
}

/** Asks who is signed in; offline the last answer stands. False: somebody must sign in. */
export async function loadSession(): Promise<boolean> {
  try {
    take(checked(await get<Session>("session")));
    return true;
  } catch (error) {
    if (error instanceof Unreachable) return recall();
    if (error instanceof Problem && error.status === 401) return false;
    throw error;
  }
}

export async function signIn(username: string, password: string): Promise<Session> {
  const answer = checked(await post<Session>("session", { username, password }));
  take(answer);
  return answer;
}

const leavings: ((person: number) => Promise<unknown> | void)[] = [];

/** What a page forgets of a person who signs out. */
export function whenLeaving(forget: (person: number) => Promise<unknown> | void): void {
  leavings.push(forget);
}

export async function signOut(): Promise<void> {
  const person = session.value?.person.id ?? 0;
  await call("DELETE", "session");
  localStorage.removeItem(KEPT);
  keepCsrfToken("");
  await Promise.allSettled(leavings.map((forget) => forget(person)));
  session.value = null;
  location.assign("/");
}

export function may(permission: string): boolean {
  return session.value?.permissions.includes(permission) ?? false;
}

export function holds(role: Role): boolean {
  return session.value?.roles.some((seat) => seat.role === role) ?? false;
}

/** Whether the person's places cover a case's place. */
export function sees(line: readonly { code: string }[]): boolean {
  const codes = new Set(session.value?.roles.map((seat) => seat.centre.code));
  return line.some((cell) => codes.has(cell.code));
}

const DEPTH: Record<Level, number> = { city: 0, district: 1, street: 2, village: 3 };

/** The highest centre the person sits at: where the page's map and lists begin. */
export function ownCentre() {
  const centres = session.value?.roles.map((seat) => seat.centre) ?? [];
  return [...centres].sort((a, b) => DEPTH[a.level] - DEPTH[b.level])[0] ?? null;
}

export function signInAddress(): string {
  return `/?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`;
}
