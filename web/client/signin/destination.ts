/** Where to go after signing in: the page asked for before, else the person's own. */

/** Only a path of this site, never another host. */
export function destination(home: string, search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "";
  return /^\/(?![/\\])/.test(next) && next !== "/" ? next : home;
}
