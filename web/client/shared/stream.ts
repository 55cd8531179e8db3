/** What happens, told by the server as it happens (SSE); where that does not work, asking again and again remains. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { address } from "./http";

export interface CaseEvent {
  no: string;
  stage: string;
  version: number;
  verb: string;
  at: string;
}

/** One notice of mine, as it comes in. */
export interface NoticeEvent {
  id: number;
  kind: string;
  no?: string;
  roll_call?: number;
}

export interface Listener {
  /** A case has changed. */
  changed?: (event: CaseEvent) => void;
  /** How many notices are unread. */
  unread?: (n: number) => void;
  /** An urgent notice has come in. */
  notice?: (event: NoticeEvent) => void;
  /** The stream stands again: what happened before is not known to have been told. */
  opened?: () => void;
}

/** The stream stands. */
export const live = signal(false);

const AGAIN_MS = 15_000;
const listeners = new Set<Listener>();
let source: EventSource | null = null;
let again: ReturnType<typeof setTimeout> | undefined;

function parsed<T>(event: Event): T | null {
  try {
    return JSON.parse((event as MessageEvent<string>).data) as T;
  } catch {
    return null;
  }
}

function tell(name: keyof Listener, value?: unknown): void {
  for (const listener of listeners) (listener[name] as ((value?: unknown) => void) | undefined)?.(value);
}

/** The browser itself connects again and names the last event it had; refused for good (too many, signed out), we ask later. */
function failed(): void {
  live.value = false;
  if (source?.readyState !== EventSource.CLOSED) return;
  source = null;
  clearTimeout(again);
  if (listeners.size) again = setTimeout(open, AGAIN_MS);
}

function open(): void {
  if (source || typeof EventSource === "undefined") return;
  const made = new EventSource(address("stream"));
  source = made;
  made.onopen = () => {
    live.value = true;
    tell("opened");
  };
  made.onerror = failed;
  made.addEventListener("case", (event) => {
    const found = parsed<CaseEvent>(event);
    if (found) tell("changed", found);
  });
  made.addEventListener("notices", (event) => {
    const found = parsed<{ unread: number }>(event);
    if (found) tell("unread", found.unread);
  });
  made.addEventListener("notice", (event) => {
    const found = parsed<NoticeEvent>(event);
    if (found) tell("notice", found);
  });
}

function close(): void {
  clearTimeout(again);
  source?.close();
  source = null;
  live.value = false;
}

/** Listens as long as the part is shown; all parts of a page share one stream. `on` false: not now (signed out). */
export function useStream(listener: Listener, on = true): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    if (!on) return undefined;
    const own: Listener = {
      changed: (event) => latest.current.changed?.(event),
      unread: (n) => latest.current.unread?.(n),
      notice: (event) => latest.current.notice?.(event),
      opened: () => latest.current.opened?.(),
    };
    listeners.add(own);
    open();
    return () => {
      listeners.delete(own);
      if (!listeners.size) close();
    };
  }, [on]);
}
