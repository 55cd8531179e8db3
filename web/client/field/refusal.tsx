/** Why the server refused an item, in words: which field, which photo, what is wrong with it. */
import { isEnglish, t, word } from "../shared/language";
import type { Fault } from "../shared/http";
import type { Kept } from "./outbox";

const KNOWN = ["outcome", "text", "photos", "point", "category_code", "description", "address", "observed_at"];

/** `photos.1` → 照片 2, `point.lon` → 位置. */
export function fieldWords(field: string): string {
  const [first = "", second = ""] = field.split(".");
  if (first === "photos" && /^\d+$/.test(second)) return t("report.photo_n", { n: Number(second) + 1 });
  return KNOWN.includes(first) ? word("refused", first) : field;
}

/** Which of the item's photos that is, counted from one. */
export function photoNumber(item: Kept, photo: string): number {
  const ids = item.report?.photos ?? item.pictures.map((picture) => picture.id);
  return ids.indexOf(photo) + 1;
}

function line(item: Kept, fault: Fault): string {
  const photo = item.refusal?.photos?.at(-1);
  const what = photo && fault.field === "body" ? t("report.photo_n", { n: photoNumber(item, photo) }) : fieldWords(fault.field);
  return t("refused.line", { what, why: fault.message });
}

export function RefusalWords({ item }: { item: Kept }) {
  const { refusal } = item;
  if (!refusal) return null;
  const photos = refusal.photos ?? [];
  return (
    <>
      {item.state !== "sent" && refusal.faults.length > 0 && <p>{t("refused.lead")}</p>}
      {!refusal.faults.length && <p>{refusal.text}</p>}
      {refusal.faults.map((fault) => <p key={`${fault.field}-${fault.code}`} class="strong">{line(item, fault)}</p>)}
      {photos.length > 0 && (
        <p>{t(item.state === "sent" ? "refused.photo_late" : "refused.photo_now", { n: photos.map((photo) => photoNumber(item, photo)).join(isEnglish() ? ", " : "、") })}</p>
      )}
    </>
  );
}
