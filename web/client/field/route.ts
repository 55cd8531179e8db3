/** Where in the phone's page one is: `#/tasks`, `#/tasks/NO`, `#/map`, `#/report`, `#/mine`, `#/mine/NO`, `#/outbox`. */
import { signal } from "@preact/signals";

export type Room = "tasks" | "map" | "report" | "mine" | "outbox";

export interface Route {
  room: Room;
  no: string | null;
}

const ROOMS: readonly string[] = ["tasks", "map", "report", "mine", "outbox"];

export function parse(hash: string): Route {
  const [room = "", no = ""] = hash.replace(/^#\/?/, "").split("/");
  return { room: (ROOMS.includes(room) ? room : "tasks") as Room, no: no ? decodeURIComponent(no) : null };
}

export const route = signal<Route>(parse(typeof location === "undefined" ? "" : location.hash));

export function go(room: Room, no: string | null = null): void {
  location.hash = `#/${room}${no ? `/${encodeURIComponent(no)}` : ""}`;
}

if (typeof window !== "undefined") {
  window.addEventListener("hashchange", () => {
    route.value = parse(location.hash);
    window.scrollTo(0, 0);
  });
}

/** A place of this page by its address, as a notification names it. */
export function openPlace(place: string): void {
  location.hash = new URL(place, location.href).hash || "#/tasks";
}
