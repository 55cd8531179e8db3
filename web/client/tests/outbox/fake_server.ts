/** A server as the sender sees it, which keeps what it is sent and fails as it is told. */
import { createHash } from "node:crypto";
import type { Answer, Ask, Request } from "../../field/outbox/exchange";

export type Fault = "cut" | "lost" | "half" | "hang" | { status: number; name?: string; body?: object; retry_after?: number };
/** What goes wrong with this request; null: nothing. */
export type Plan = (request: Request, nth: number) => Fault | null | undefined;

const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export class FakeServer {
  person: { id: number; name: string } | null = { id: 7, name: "王" };
  token = "t1";
  /** The server's clock. */
  now = (): number => Date.parse("2026-11-22T01:00:00Z");
  plan: Plan = () => null;
  parts = true;
  seen: { method: string; path: string; json: unknown; bytes: number; headers: Record<string, string> }[] = [];
  reports = new Map<string, { body: string; no: string }>();
  photos = new Map<string, Uint8Array>();
  partial = new Map<string, Uint8Array>();
  verbs: { no: string; verb: string; body: Record<string, unknown> }[] = [];
  shifts: { path: string; body: unknown }[] = [];
  private nth = new Map<string, number>();

  ask: Ask = async (request) => {
    const { method, path, json, bytes, headers } = request;
    this.seen.push({ method, path, json, bytes: bytes?.byteLength ?? 0, headers: headers ?? {} });
    const key = `${method} ${path}`;
    const nth = (this.nth.get(key) ?? 0) + 1;
    this.nth.set(key, nth);
    const fault = this.plan(request, nth);
    if (fault === "cut") throw new TypeError("failed to fetch");
    if (fault === "hang") return new Promise(() => undefined);
    if (typeof fault === "object" && fault) {
      return this.answer(fault.status, fault.name ? { type: `urn:wangge:problem:${fault.name}`, detail: `sorry: ${fault.name}`, ...fault.body } : fault.body, fault.retry_after);
    }
    const answer = this.serve(request);
    if (fault === "lost") throw new TypeError("failed to fetch");
    return fault === "half" ? { ...answer, body: undefined } : answer;
  };

  paths(): string[] {
    return this.seen.filter(({ path }) => path !== "session").map(({ method, path }) => `${method} ${path}`);
  }

  private answer(status: number, body?: unknown, retry_after: number | null = null): Answer {
    return { status, body, date: this.now(), retry_after };
  }

  private problem(status: number, name: string, more: object = {}): Answer {
    return this.answer(status, { type: `urn:wangge:problem:${name}`, detail: name, ...more });
  }

  private serve(request: Request): Answer {
    if (!this.person) return this.problem(401, "not-signed-in");
    if (request.path === "session") return this.answer(200, { person: this.person, csrf_token: this.token });
    if (request.method !== "GET" && request.headers?.["X-CSRF-Token"] !== this.token) return this.problem(403, "csrf-token-wrong");
    const [kind, id = "", rest] = request.path.split("/");
    if (kind === "reports") return this.report(id, JSON.stringify(request.json));
    if (kind === "photos") return rest === "upload" ? this.where(id) : this.photo(id, request);
    if (kind === "shifts" || kind === "roll-calls") return this.duty(kind, id, request);
    return this.aCase(id, rest ?? "", request);
  }

  private duty(kind: string, id: string, { path, json }: Request): Answer {
    this.shifts.push({ path, body: json });
    const received_at = new Date(this.now()).toISOString();
    const body = json as Record<string, unknown>;
    if (kind === "roll-calls") return this.answer(200, { roll_call: Number(id), answered_at: body["answered_at"], received_at, late: false });
    return this.answer(200, { id, started_at: body["started_at"] ?? received_at, started_received_at: received_at, ended_at: body["ended_at"] ?? null });
  }

  private report(id: string, body: string): Answer {
    const before = this.reports.get(id);
    if (before && before.body !== body) return this.problem(409, "report-differs");
    const kept = before ?? { body, no: `31010126112201${String(this.reports.size + 1).padStart(5, "0")}` };
    this.reports.set(id, kept);
    return this.answer(before ? 200 : 201, { report_id: id, case: { no: kept.no, stage: "reported", version: 1, due_at: null }, placement: null });
  }

  private where(id: string): Answer {
    if (!this.parts) return this.answer(404);
    return this.answer(200, { offset: (this.photos.get(id) ?? this.partial.get(id))?.length ?? 0, complete: this.photos.has(id) });
  }

  private photo(id: string, { method, bytes = new ArrayBuffer(0), headers = {} }: Request): Answer {
    const whole = (all: Uint8Array): Answer => {
      this.photos.set(id, all);
      this.partial.delete(id);
      return this.answer(201, { photo_id: id, sha256: sha(all), bytes: all.length, media_type: "image/jpeg" });
    };
    if (method === "PUT") return whole(new Uint8Array(bytes));
    if (!this.parts) return this.answer(405);
    const done = this.photos.get(id);
    const before = done ?? this.partial.get(id) ?? new Uint8Array();
    if (Number(headers["Upload-Offset"]) !== before.length) return this.problem(409, "upload-offset", { offset: before.length });
    const now = new Uint8Array([...before, ...new Uint8Array(bytes)]);
    if (now.length === Number(headers["Upload-Length"])) return whole(now);
    this.partial.set(id, now);
    return this.answer(202, { offset: now.length });
  }

  private aCase(no: string, rest: string, { method, path, json }: Request): Answer {
    const mine = this.verbs.filter((each) => each.no === no);
    if (method === "GET" && rest === "events") return this.answer(200, { items: mine.map(({ verb, body }) => ({ verb, data: { captured_at: body["captured_at"] } })), next: null });
    if (method === "GET") return this.answer(200, { no, photos: mine.flatMap(({ body }) => ((body["photos"] ?? []) as string[]).map((id) => ({ id, kind: "check" }))) });
    if (mine.length) return this.problem(409, "wrong-stage");
    this.verbs.push({ no, verb: path.split("/")[3] ?? "", body: json as Record<string, unknown> });
    const version = Number((json as Record<string, unknown>)["version"]) + 1;
    return this.answer(200, { no, stage: "handling", version });
  }
}
