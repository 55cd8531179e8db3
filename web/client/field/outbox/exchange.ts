/** One request of the sender and what its answer means. Pure: no signals, no window; for page and service worker. */
import type { Fault } from "../../shared/http";
import type { Kept, Receipt, Refusal } from "./kinds";

/** The phone's store as the sender needs it. */
export interface Store {
  /** In the order made. */
  items(): Promise<Kept[]>;
  photo(id: string): Promise<ArrayBuffer | undefined>;
  /** Reads, changes and writes in one transaction; null: it is not there any more, or `edit` left it as it is. */
  change(id: string, edit: (item: Kept) => Kept | null, also?: { receipt?: Receipt; dropped?: string[] }): Promise<Kept | null>;
  get<T>(key: string): Promise<T | undefined>;
  put(key: string, value: unknown): Promise<void>;
}

export interface Request {
  method: "GET" | "PUT" | "POST" | "PATCH";
  /** Below `/api/v1/`. */
  path: string;
  json?: unknown;
  bytes?: ArrayBuffer;
  type?: string;
  headers?: Record<string, string>;
  signal: AbortSignal;
}

export interface Answer {
  status: number;
  /** Undefined where it was no JSON, or only half of it came. */
  body: unknown;
  /** The server's clock, in milliseconds. */
  date: number | null;
  /** Seconds. */
  retry_after: number | null;
}

/** Throws where there was no answer. */
export type Ask = (request: Request) => Promise<Answer>;

export interface Means {
  store: Store;
  ask: Ask;
  now: () => number;
  /** Ends after so many milliseconds, or when the signal is given. */
  wait: (ms: number, stop: AbortSignal) => Promise<void>;
  random?: () => number;
  hash?: (bytes: ArrayBuffer) => Promise<string | null>;
  /** Whether we are still the one who sends; asked before each request. */
  hold?: () => Promise<boolean>;
  told?: (news: News) => void;
  /** The person asked, or the network came back: don't wait for the back-off. */
  forced?: boolean;
}

export type News =
  | { what: "changed"; item: Kept }
  | { what: "accepted"; item: Kept }
  | { what: "gone"; id: string }
  | { what: "progress"; id: string; percent: number }
  | { what: "answered"; skew: number | null }
  | { what: "silent" };

/** Nothing came back, in time or whole: nothing is known. `alone`: the server answers other requests. */
export class Later extends Error {
  constructor(readonly trouble: string, readonly alone: boolean, readonly retryAfter: number | null = null) {
    super(trouble);
  }
}
export class SignIn extends Error {}
/** Another one sends now. */
export class Overtaken extends Error {}
export class Refused extends Error {
  constructor(readonly status: number, readonly refusal: Refusal, readonly body: Record<string, unknown>) {
    super(refusal.text);
  }
}

export const SILENCE_MS = 30_000;
/** Slower lines than this many bytes a millisecond are given up on. */
const SLOWEST = 4;
const AWAY = [502, 503, 504];
const TRANSIENT = ["ground-moves", "busy"];

type Body = Record<string, unknown>;
export const isObject = (body: unknown): body is Body => typeof body === "object" && body !== null && !Array.isArray(body);

/** What a run knows: who is signed in, the token for writing, the error of the phone's clock. */
export class Line {
  person: { id: number; name: string } | null = null;
  skew: number | null = null;
  private token = "";

  constructor(readonly means: Means) {}

  /** Who is signed in; the answer tells the time too. */
  async signOn(): Promise<number> {
    const { body } = await this.exchange({ method: "GET", path: "session" }, (found) => isObject(found["person"]) && typeof found["person"]["id"] === "number");
    const person = body["person"] as { id: number; name: string };
    if (this.person && this.person.id !== person.id) throw new SignIn();
    this.person = person;
    this.token = typeof body["csrf_token"] === "string" ? body["csrf_token"] : "";
    return person.id;
  }

  /** Sends, once more with a new token where that was the fault; only a whole answer that is `good` comes back. */
  async send(request: Omit<Request, "signal">, good: (body: Body) => boolean): Promise<{ status: number; body: Body; date: number | null }> {
    try {
      return await this.exchange(request, good);
    } catch (error) {
      if (!(error instanceof Refused) || error.refusal.name !== "csrf-token-wrong") throw error;
      await this.signOn();
      return this.exchange(request, good);
    }
  }

  /** Whether the server answers at all. */
  async answers(): Promise<boolean> {
    return this.signOn().then(() => true, (error: unknown) => !(error instanceof Later));
  }

  private async exchange(request: Omit<Request, "signal">, good: (body: Body) => boolean): Promise<{ status: number; body: Body; date: number | null }> {
    if (this.means.hold && !(await this.means.hold())) throw new Overtaken();
    const answer = await this.answerTo(request);
    const { status, body, date } = answer;
    const done = status >= 200 && status < 300;
    const ours = done ? isObject(body) && good(body) : problemOf(body) !== "";
    if (ours) {
      if (date !== null) this.learn(date);
      this.means.told?.({ what: "answered", skew: this.skew });
    } else if (request.path === "session") {
      // who answers in our server's place is no connection to it
      this.means.told?.({ what: "silent" });
    }
    if (!done) throw meaning(answer);
    if (!ours) throw new Later("half", true);
    return { status, body: body as Body, date };
  }

  private async answerTo(request: Omit<Request, "signal">): Promise<Answer> {
    const { means } = this;
    const [stop, rest] = [new AbortController(), new AbortController()];
    const headers = { ...request.headers, ...(request.method !== "GET" && this.token && { "X-CSRF-Token": this.token }) };
    const silence = SILENCE_MS + (request.method === "PUT" ? (request.bytes?.byteLength ?? 0) / SLOWEST : 0);
    try {
      return await Promise.race([
        means.ask({ ...request, headers, signal: stop.signal }),
        means.wait(silence, rest.signal).then(() => Promise.reject(new Error("silent"))),
      ]);
    } catch {
      stop.abort();
      means.told?.({ what: "silent" });
      throw new Later("none", false);
    } finally {
      rest.abort();
    }
  }

  private learn(date: number): void {
    const skew = date - this.means.now();
    this.skew = Math.abs(skew) > 2_000 ? skew : 0;
  }
}

/** The name of the problem; nothing where it is none of our server's. */
function problemOf(body: unknown): string {
  return (isObject(body) && /^urn:wangge:problem:(.+)$/.exec(String(body["type"]))?.[1]) || "";
}

/** What an answer that is no success asks for. */
function meaning({ status, body, retry_after }: Answer): Error {
  const told: Body = isObject(body) ? body : {};
  const name = problemOf(body);
  if (status === 401 && name) return new SignIn();
  if (status === 429 || (status === 503 && retry_after !== null)) return new Later(String(status), false, retry_after ?? 5);
  // a proxy speaks: the server is away
  if (AWAY.includes(status) && !name) return new Later(String(status), false);
  // what is no answer of ours (a portal, a firewall) says nothing about the report; too large is too large, whoever says it
  const ours = status === 413 || status === 405 || (status >= 400 && status < 500 && name !== "");
  if (!ours || TRANSIENT.includes(name)) return new Later(String(status), true, retry_after);
  const text = [told["detail"], told["title"]].find((each) => typeof each === "string" && each) ?? String(status);
  const faults = Array.isArray(told["errors"]) ? (told["errors"] as Fault[]) : [];
  return new Refused(status, { name: name || String(status), text: String(text), faults }, told);
}
