/** The sender with a real network, a real store and one run at a time: what page and service worker call. */
import { alone } from "./alone";
import type { Answer, Ask, News, Request, Store } from "./exchange";
import { stored } from "./queue";
import { type Outcome, sendAll } from "./sender";

export interface Options {
  /** Of the server's refusals. */
  language: string;
  store?: Store;
  forced?: boolean;
  told?: (news: News) => void;
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function seconds(header: string | null, now: number): number | null {
  if (!header) return null;
  const value = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(value) ? Math.max(0, value) : null;
}

/** Asks `/api/v1`; throws where no whole answer came. */
export function askBy(language: string): Ask {
  return async ({ method, path, json, bytes, type, headers, signal }: Request): Promise<Answer> => {
    const content = bytes ? { "Content-Type": type ?? "application/octet-stream" } : json === undefined ? {} : { "Content-Type": "application/json" };
    const body = bytes ?? (json === undefined ? null : JSON.stringify(json));
    const response = await fetch(`/api/v1/${path}`, {
      method, body, signal, credentials: "same-origin", cache: "no-store",
      // a portal's page of its own is no answer of ours
      redirect: "error",
      headers: { Accept: "application/json", "Accept-Language": language, ...content, ...headers },
    });
    const date = Date.parse(response.headers.get("date") ?? "");
    return {
      status: response.status, body: await bodyOf(response), date: Number.isNaN(date) ? null : date,
      retry_after: seconds(response.headers.get("retry-after"), Date.now()),
    };
  };
}

function wait(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    stop.addEventListener("abort", () => clearTimeout(timer));
  });
}

/** SHA-256 in hex; null where the browser has none (plain http). */
export async function sha256(bytes: ArrayBuffer): Promise<string | null> {
  if (typeof crypto === "undefined" || !crypto.subtle) return null;
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function runSending({ language, store = stored, forced = false, told }: Options): Promise<Outcome> {
  const outcome = await alone((hold) => sendAll({
    store, ask: askBy(language), now: Date.now, wait, hash: sha256, hold, forced, ...(told && { told }),
  }));
  return outcome ?? { end: "busy", until: null, sent: 0, person: null };
}
