/** Phones are shared: whose a draft is, and with which one its person goes on. */
import { session } from "../../shared/session";
import type { ReportForm } from "./form";

const CURRENT = "wangge_draft";

export const me = (): number | null => session.value?.person.id ?? null;

/** Mine, or begun before anybody was asked for. */
export const isMine = ({ person }: Pick<ReportForm, "person">): boolean => person === null || person === me();

const key = (): string => `${CURRENT}:${me() ?? 0}`;

/** Which draft a page opened anew goes on with: the camera may have cost the page its life. */
export function noteCurrent(id: string | null): void {
  try {
    localStorage.removeItem(CURRENT);
    if (id) localStorage.setItem(key(), id);
    else localStorage.removeItem(key());
  } catch {
    // forbidden: then the draft stands among those put aside
  }
}

export function currentId(): string | null {
  try {
    // an older page has kept one for all
    return localStorage.getItem(key()) ?? localStorage.getItem(CURRENT);
  } catch {
    return null;
  }
}
