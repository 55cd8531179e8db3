/** Asking `/api/v1`: one way to send, three ways to fail (a problem, no connection, signed out). */
import { signal } from "@preact/signals";
import { language } from "./language";

export interface Fault {
  field: string;
  code: string;
  message: string;
}

/** The server said no (RFC 9457); `name` is the end of `urn:wangge:problem:NAME`. */
export class Problem extends Error {
  override readonly name: string;
  constructor(
    readonly status: number,
    readonly body: { type?: string; title?: string; detail?: string; errors?: Fault[] } & Record<string, unknown>,
    readonly retryAfter: number | null = null,
  ) {
    super(body.detail || body.title || String(status));
    this.name = (body.type ?? "").split(":").pop() || String(status);
  }

  get faults(): Fault[] {
    return this.body.errors ?? [];
  }
}

/** There was no answer: offline, or the server is away. Nothing is known about what it did. */
export class Unreachable extends Error {}

/**
 * Whether our server answered the last request. Only an answer of ours counts: JSON of the API, one of its problems
 * (`urn:wangge:problem:…`), or an empty one under the number that it gives each request (`X-Request-ID`). A portal's
 * page, a proxy's 500 or a firewall's 403 is no answer: to the person it is as if there were no connection. At the
 * start, until the first answer, it is what the device believes.
 */
export const online = signal(typeof navigator === "undefined" ? true : navigator.onLine);
/** Set when a request was refused because the session is over; the page then asks to sign in again, in place. */
export const signedOut = signal(false);
const SKEW = "wangge_skew";

/** The last that was learnt: a phone whose clock is wrong starts without a connection, too. */
function keptSkew(): number {
  try {
    return Number(localStorage.getItem(SKEW)) || 0;
  } catch {
    return 0;
  }
}

/** Server time minus device time in milliseconds, learnt from answers. */
export const clockSkew = signal(keptSkew());

export function learnSkew(milliseconds: number): void {
  clockSkew.value = Math.round(milliseconds);
  try {
    localStorage.setItem(SKEW, String(clockSkew.value));
  } catch {
    // no storage: then it is learnt anew at each start
  }
}

/** Null: not known, ask before the first write. */
let csrfToken: string | null = "";
let askCsrfToken: (() => Promise<unknown>) | null = null;

export function keepCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** How the token is asked for where a page was opened without a connection, or the session is a new one. */
export function csrfTokenBy(ask: () => Promise<unknown>): void {
  askCsrfToken = ask;
}

/** The moment by the server's clock, so that a wrong phone clock does not spoil `observed_at`. */
export function serverNow(): Date {
  return new Date(Date.now() + clockSkew.value);
}

/** What the device's own clock shows, right or wrong. */
export function deviceAt(): string {
  return new Date().toISOString();
}

export interface Ask {
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  bytes?: ArrayBuffer;
  type?: string;
  signal?: AbortSignal;
  /** Outlives the page. */
  keepalive?: boolean;
}

export function address(path: string, query: Ask["query"] = {}): string {
  const filled = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(filled.map(([name, value]) => [name, String(value)])).toString();
  return `${path.startsWith("/") ? path : `/api/v1/${path}`}${text ? `?${text}` : ""}`;
}

/** Roughly, from any quick answer; `GET /sync` says it exactly. */
function learnClock(response: Response, askedAt: number): void {
  const date = Date.parse(response.headers.get("date") ?? "");
  const quick = Math.abs(Date.now() - askedAt) < 10_000;
  if (quick && !Number.isNaN(date) && Math.abs(date - serverNow().getTime()) > 2_500) learnSkew(date - Date.now());
}

/** As JSON; undefined: it is none, or only half of it came. */
async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const isObject = (body: unknown): body is Record<string, unknown> => typeof body === "object" && body !== null;

/** Whether our server said it, and nobody in its place (see `online`). */
export function isOurs(response: Pick<Response, "ok" | "status" | "headers">, body: unknown): boolean {
  if (response.status === 204) return response.headers.has("x-request-id");
  // ours always say something: `{}` is a portal's way to say yes to programs
  if (!isObject(body) || !Object.keys(body).length) return false;
  return response.ok || /^urn:wangge:problem:./.test(String(body["type"]));
}

/** For who sees only in the content that it is none of ours. */
export function notOurs(): Unreachable {
  online.value = false;
  return new Unreachable();
}

function refusal(response: Response, body: Problem["body"]): Problem {
  const wait = Number(response.headers.get("retry-after"));
  return new Problem(response.status, body, Number.isFinite(wait) && wait > 0 ? wait : null);
}

function message(method: string, ask: Ask): RequestInit {
  const headers: Record<string, string> = { "Accept-Language": language.value, Accept: "application/json" };
  if (method !== "GET" && csrfToken) headers["X-CSRF-Token"] = csrfToken;
  if (ask.bytes) headers["Content-Type"] = ask.type ?? "application/octet-stream";
  else if (ask.body !== undefined) headers["Content-Type"] = "application/json";
  const init: RequestInit = { method, headers, credentials: "same-origin", cache: method === "GET" ? "no-cache" : "no-store" };
  if (ask.bytes) init.body = ask.bytes;
  else if (ask.body !== undefined) init.body = JSON.stringify(ask.body);
  if (ask.signal) init.signal = ask.signal;
  if (ask.keepalive) init.keepalive = true;
  return init;
}

/** Sends and returns the answer's JSON; throws `Problem` or `Unreachable`. */
export async function call<T>(method: string, path: string, ask: Ask = {}): Promise<T> {
  const own = method === "GET" || path.startsWith("session") || !askCsrfToken;
  if (own) return once<T>(method, path, ask);
  if (csrfToken === null) await askCsrfToken!();
  try {
    return await once<T>(method, path, ask);
  } catch (error) {
    // signed in again elsewhere in this browser: the session, and its token, is a new one
    if (!(error instanceof Problem && error.name === "csrf-token-wrong")) throw error;
    await askCsrfToken!();
    return once<T>(method, path, ask);
  }
}

async function once<T>(method: string, path: string, ask: Ask): Promise<T> {
  const askedAt = Date.now();
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(address(path, ask.query), message(method, ask));
    body = await bodyOf(response);
  } catch (error) {
    if (ask.signal?.aborted) throw error;
    throw notOurs();
  }
  if (!isOurs(response, body)) {
    // too large is too large, whoever says it
    if (response.status === 413) throw refusal(response, { title: response.statusText });
    throw notOurs();
  }
  online.value = true;
  learnClock(response, askedAt);
  if (response.ok) return body as T;
  if (response.status === 401 && !path.startsWith("session")) signedOut.value = true;
  throw refusal(response, body as Problem["body"]);
}

export const get = <T>(path: string, query?: Ask["query"], signal?: AbortSignal): Promise<T> =>
  call<T>("GET", path, { ...(query && { query }), ...(signal && { signal }) });
export const post = <T>(path: string, body: unknown): Promise<T> => call<T>("POST", path, { body });
export const put = <T>(path: string, body: unknown): Promise<T> => call<T>("PUT", path, { body });
export const putBytes = <T>(path: string, bytes: ArrayBuffer, type: string): Promise<T> =>
  call<T>("PUT", path, { bytes, type });

if (typeof window !== "undefined") {
  // there may be a network; whether our server is behind it only an answer tells
  window.addEventListener("online", () => void get("session").catch(() => undefined));
  window.addEventListener("offline", () => (online.value = false));
}
