/** Where the phone is: WGS-84, as the browser gives it. */
import { signal } from "@preact/signals";

export interface Fix {
  lon: number;
  lat: number;
  accuracy_m: number;
  at: number;
}

export type NoFix = "denied" | "timeout" | "missing";

/** The last position known. */
export const position = signal<Fix | null>(null);

function fixOf(found: GeolocationPosition): Fix {
  return {
    lon: found.coords.longitude,
    lat: found.coords.latitude,
    accuracy_m: Math.round(found.coords.accuracy * 10) / 10,
    at: found.timestamp,
  };
}

/** One fresh, accurate position; rejects with the reason in one word. */
export function locateMe(): Promise<Fix> {
  return new Promise((resolve, reject) => {
    if (!("geolocation" in navigator) || !window.isSecureContext) return reject("missing" satisfies NoFix);
    navigator.geolocation.getCurrentPosition(
      (found) => {
        position.value = fixOf(found);
        resolve(position.value);
      },
      (error) => reject((error.code === 1 ? "denied" : error.code === 3 ? "timeout" : "missing") satisfies NoFix),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 5_000 },
    );
  });
}

/** Follows the phone while the page is open, for distances to tasks. */
export function followMe(): () => void {
  if (!("geolocation" in navigator) || !window.isSecureContext) return () => undefined;
  const id = navigator.geolocation.watchPosition(
    (found) => (position.value = fixOf(found)),
    () => undefined,
    { enableHighAccuracy: false, maximumAge: 30_000 },
  );
  return () => navigator.geolocation.clearWatch(id);
}
