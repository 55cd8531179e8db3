/** Where the phone is: WGS-84, as the browser gives it; a good fix is waited for, up to a time. */
import { signal } from "@preact/signals";
import { settings } from "./report/rules";

export interface Fix {
  lon: number;
  lat: number;
  accuracy_m: number;
  at: number;
  /** Where it goes: degrees from the north, clockwise; null while it stands. */
  heading?: number | null;
}

export type NoFix = "denied" | "timeout" | "missing";

/** A look for the position, while it goes on and what came of it. */
export interface Looking {
  state: "looking" | "found" | "poor" | "none";
  /** The best fix so far. */
  best: Fix | null;
  seconds: number;
  /** Why there is none. */
  why: NoFix | null;
}

export interface Patience {
  fix_seconds: number;
  fix_metres: number;
  poor_metres: number;
}

/** The last position known. */
export const position = signal<Fix | null>(null);

const KEPT = "wangge_last_fix";
const KEEP_EVERY_MS = 30_000;
/** A fix from before is no answer to "where are you now". */
const FRESH_MS = 10_000;
/** What was known a moment ago is a beginning. */
const KNOWN_MS = 60_000;
let keptAt = 0;

function fixOf(found: GeolocationPosition): Fix {
  return {
    lon: found.coords.longitude,
    lat: found.coords.latitude,
    accuracy_m: Math.round(found.coords.accuracy * 10) / 10,
    at: found.timestamp,
    // known only while moving; NaN or null on a phone that stands
    heading: Number.isFinite(found.coords.heading) ? found.coords.heading : null,
  };
}

function learn(fix: Fix): void {
  position.value = fix;
  if (Date.now() - keptAt < KEEP_EVERY_MS) return;
  keptAt = Date.now();
  try {
    localStorage.setItem(KEPT, JSON.stringify(fix));
  } catch {
    // full or forbidden: then no last place is known after a restart
  }
}

/** Where the phone was last seen, also before this page was opened. */
export function lastPlace(): Fix | null {
  try {
    return position.value ?? (JSON.parse(localStorage.getItem(KEPT) ?? "null") as Fix | null);
  } catch {
    return null;
  }
}

/** Of two fixes of one look the better: fresh before old, exact before rough, the later of equals. */
export function better(best: Fix | null, next: Fix, startedAt: number): Fix {
  if (!best) return next;
  const old = (fix: Fix): boolean => fix.at < startedAt - FRESH_MS;
  if (old(best) !== old(next)) return old(best) ? next : best;
  return next.accuracy_m <= best.accuracy_m ? next : best;
}

/** What is known after so many seconds with this best fix: go on looking, or an end. */
export function judge(best: Fix | null, seconds: number, startedAt: number, patience: Patience): Looking["state"] {
  const fresh = best !== null && best.at >= startedAt - FRESH_MS;
  if (fresh && best.accuracy_m <= patience.fix_metres) return "found";
  if (seconds < patience.fix_seconds) return "looking";
  if (!best) return "none";
  return fresh && best.accuracy_m <= patience.poor_metres ? "found" : "poor";
}

export function canLocate(): boolean {
  return "geolocation" in navigator && window.isSecureContext;
}

const WHY: Record<number, NoFix> = { 1: "denied", 3: "timeout" };

/**
 * Looks for a good position and tells each second and each fix how it stands, until the end or until stopped.
 * A refusal ends it at once; a fix that cannot be had just now may still come.
 */
export function look(tell: (now: Looking) => void, patience: Patience = settings.value): () => void {
  const startedAt = Date.now();
  let now: Looking = { state: "looking", best: null, seconds: 0, why: null };
  let watch: number | null = null;
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = (): void => {
    clearInterval(timer);
    if (watch === null) return;
    navigator.geolocation.clearWatch(watch);
    watch = null;
    looks -= 1;
    settle();
  };
  const next = (part: Partial<Looking>): void => {
    now = { ...now, ...part };
    now = { ...now, state: part.state ?? judge(now.best, now.seconds, startedAt, patience) };
    if (now.state === "none") now = { ...now, why: now.why ?? "timeout" };
    if (now.state !== "looking") stop();
    tell(now);
  };
  if (!canLocate()) {
    next({ state: "none", why: "missing" });
    return stop;
  }
  const known = position.value;
  next(known && startedAt - known.at < KNOWN_MS ? { best: known } : {});
  if (now.state !== "looking") return stop;
  looks += 1;
  settle();
  timer = setInterval(() => next({ seconds: Math.floor((Date.now() - startedAt) / 1000) }), 1000);
  const options: PositionOptions = { enableHighAccuracy: true, timeout: patience.fix_seconds * 1000, maximumAge: 5_000 };
  const take = (found: GeolocationPosition): void => {
    const fix = fixOf(found);
    learn(fix);
    if (now.state === "looking") next({ best: better(now.best, fix, startedAt), why: null });
  };
  watch = navigator.geolocation.watchPosition(
    take,
    (error) => next(error.code === 1 && !now.best ? { state: "none", why: "denied" } : { why: WHY[error.code] ?? "missing" }),
    options,
  );
  return stop;
}

/** One fresh position, as good as can be had in the time; rejects with the reason in one word. */
export function locateMe(patience: Patience = settings.value): Promise<Fix> {
  return new Promise((resolve, reject) => {
    look(({ state, best, why }) => {
      if (state === "looking") return;
      if (best) resolve(best);
      else reject(why ?? ("timeout" satisfies NoFix));
    }, patience);
  });
}

let following = false;
let followed: number | null = null;
let looks = 0;

/** Beside another watch a browser may stay silent until the phone moves: while one looks, nobody follows. */
function settle(): void {
  const wanted = following && looks === 0;
  if (wanted && followed === null) {
    followed = navigator.geolocation.watchPosition((found) => learn(fixOf(found)), () => undefined, { enableHighAccuracy: false, maximumAge: 30_000 });
  } else if (!wanted && followed !== null) {
    navigator.geolocation.clearWatch(followed);
    followed = null;
  }
}

/** Follows the phone while the page is open, for distances to tasks. */
export function followMe(): () => void {
  if (!canLocate()) return () => undefined;
  following = true;
  settle();
  return () => {
    following = false;
    settle();
  };
}
