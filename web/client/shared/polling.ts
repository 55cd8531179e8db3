/** Asking again and again, while somebody looks, without two askings at once. */
import { useEffect, useRef } from "preact/hooks";

/** Calls `ask` now, every `seconds` while the page is visible, and when it becomes visible or online again. */
export function usePolling(ask: () => Promise<void>, seconds: number, key: unknown = null): void {
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    let busy = false;
    const run = async (): Promise<void> => {
      if (busy || document.visibilityState === "hidden") return;
      busy = true;
      try {
        await latest.current();
      } finally {
        busy = false;
      }
    };
    const again = (): void => void run();
    again();
    const timer = setInterval(again, seconds * 1000);
    document.addEventListener("visibilitychange", again);
    window.addEventListener("online", again);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
      window.removeEventListener("online", again);
    };
  }, [seconds, key]);
}

/** Many calls in a short time become one at once and one after `pause` milliseconds: a storm is no flood of questions. */
export function calmly(ask: () => void, pause: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting = false;
  const after = (): void => {
    timer = undefined;
    if (!waiting) return;
    waiting = false;
    run();
  };
  const run = (): void => {
    timer = setTimeout(after, pause);
    ask();
  };
  return () => {
    if (timer === undefined) run();
    else waiting = true;
  };
}
