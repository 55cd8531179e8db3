/** Why the server refused an item, in words: which field, which photo, what is wrong with it. */
import type { Fault } from "../../shared/http";
import { isEnglish, t, word } from "../../shared/language";
import type { Kept, Refusal } from "./kinds";
import { isOver } from "./over";

/** What the words need of an item, or of a draft that was one. */
export type Told = Pick<Kept, "refusal" | "state"> & { report?: Kept["report"]; pictures: readonly { id: string }[] };

const KNOWN = ["outcome", "text", "photos", "photo", "point", "category_code", "description", "address", "observed_at", "component_id", "condition"];
/** What the phone itself has found, for which the server has no words. */
const OWN = ["photo-lost", "photo-altered", "report-differs"];

/** `photos.1` → 照片 2, `point.lon` → 位置. */
export function fieldWords(field: string): string {
  const [first = "", second = ""] = field.split(".");
  if (first === "photos" && /^\d+$/.test(second)) return t("report.photo_n", { n: Number(second) + 1 });
  return KNOWN.includes(first) ? word("refused", first) : field;
}

/** Which of the item's photos that is, counted from one. */
export function photoNumber(item: Told, photo: string): number {
  const ids = item.report?.photos ?? item.pictures.map((picture) => picture.id);
  return ids.indexOf(photo) + 1;
}

function line(item: Told, fault: Fault): string {
  const photo = item.refusal?.photos?.at(-1);
  const what = photo && fault.field === "body" ? t("report.photo_n", { n: photoNumber(item, photo) }) : fieldWords(fault.field);
  return t("refused.line", { what, why: fault.message });
}

function reason({ name, text }: Refusal): string {
  // the server's words to programs and to the desk, which sees what differs
  if (name === "stale-version" || name === "wrong-stage") return t("refused.changed");
  return OWN.includes(name) ? word("refused", name.replace("-", "_")) : text;
}

/** What became of the case, and what that means; why it went there is nobody's guess. */
function Over({ refusal }: { refusal: Refusal }) {
  return (
    <>
      <p class="strong">{refusal.stage ? t("outbox.over", { stage: word("stage", refusal.stage) }) : t("outbox.over_away")}</p>
      <p>{t("outbox.over_do")}</p>
    </>
  );
}

export function RefusalWords({ item }: { item: Told }) {
  const { refusal } = item;
  if (!refusal) return null;
  if (isOver(item)) return <Over refusal={refusal} />;
  const photos = refusal.photos ?? [];
  const arrived = item.state === "accepted" || item.state === "waiting";
  return (
    <>
      {!arrived && refusal.faults.length > 0 && <p>{t("refused.lead")}</p>}
      {!refusal.faults.length && <p>{reason(refusal)}</p>}
      {refusal.faults.map((fault) => <p key={`${fault.field}-${fault.code}`} class="strong">{line(item, fault)}</p>)}
      {photos.length > 0 && (
        <p>{t(arrived ? "refused.photo_late" : "refused.photo_now", { n: photos.map((photo) => photoNumber(item, photo)).join(isEnglish() ? ", " : "、") })}</p>
      )}
    </>
  );
}
