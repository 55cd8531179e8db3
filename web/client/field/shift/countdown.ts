/** How long there is still to answer a roll call, to the second. */
import { useEffect, useState } from "preact/hooks";
import { serverNow } from "../../shared/http";
import { t } from "../../shared/language";

/** `剩 4:05`, after it `超 0:12`. */
export function countdown(until: string, now: number): { late: boolean; text: string } {
  const seconds = Math.round((Date.parse(until) - now) / 1000);
  const whole = Math.abs(seconds);
  const hours = Math.floor(whole / 3600);
  const clock = `${hours ? `${hours}:` : ""}${String(Math.floor((whole % 3600) / 60)).padStart(hours ? 2 : 1, "0")}:${String(whole % 60).padStart(2, "0")}`;
  return { late: seconds < 0, text: t(seconds < 0 ? "time.over" : "time.left", { length: clock }) };
}

/** Draws anew each second. */
export function useSeconds(): number {
  const [now, setNow] = useState(() => serverNow().getTime());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow().getTime()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
