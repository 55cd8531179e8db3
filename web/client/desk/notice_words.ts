/** What a notice says, and a fold of many in one line. */
import type { Notice as Plain } from "../shared/api";
import { categoryName } from "../shared/case/words";
import { findCategory } from "../shared/catalogue";
import { isEnglish, t, word } from "../shared/language";
import { texts } from "../shared/texts";

/** Many notices of the ladder within a short time, as one. */
export interface Folded {
  count: number;
  by_kind: Record<string, number>;
  ids: number[];
  cases: string[];
  from: string;
  to: string;
}

export type Notice = Omit<Plain, "folded"> & { folded?: Folded | null };

export interface Inbox {
  items: Notice[];
  unread: number;
  next: string | null;
}

export function kindWords(kind: string): string {
  return `notice.${kind}` in texts ? word("notice", kind) : t("notice.other");
}

export function title({ kind, folded }: Pick<Notice, "kind" | "folded">): string {
  if (folded) return t("notices.folded", { n: folded.count });
  return kindWords(kind);
}

/** `将超期 12,超期催办 3`: the most first. */
export function foldedWords({ by_kind }: Pick<Folded, "by_kind">): string {
  return Object.entries(by_kind)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, n]) => t("notices.folded_part", { kind: kindWords(kind), n }))
    .join(isEnglish() ? ", " : ",");
}

export function subject(notice: Notice): string {
  if (!notice.case) return typeof notice.data["name"] === "string" ? notice.data["name"] : "";
  return `${categoryName(findCategory(notice.case.category) ?? null)} · ${word("stage", notice.case.stage)}`;
}

/** All ids that a row stands for. */
export function idsOf({ id, folded }: Pick<Notice, "id" | "folded">): number[] {
  return folded?.ids.length ? folded.ids : [id];
}
