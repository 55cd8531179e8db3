/** What an item is called. */
import "./texts";
import { categoryName } from "../../shared/case/words";
import { categories, findCategory } from "../../shared/catalogue";
import { t } from "../../shared/language";
import type { Kept, Kind } from "./kinds";

export function kindWords(kind: Kind): string {
  return t(`outbox.item_${kind}`);
}

function titleOf(item: Kept): string {
  if (item.answer) return item.answer.title;
  if (item.duty) return item.duty.title ?? "";
  const category = categories.value.length ? findCategory(item.report?.category_code) : undefined;
  return category ? categoryName(category) : (item.report?.description ?? "").slice(0, 30) || t("case.no_category");
}

export function itemTitle(item: Kept): string {
  const title = titleOf(item);
  return title ? `${kindWords(item.kind)} · ${title}` : kindWords(item.kind);
}
