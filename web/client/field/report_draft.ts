/** The report being written: kept on the phone with its photos at every step, so that no back button loses it. */
import { signal } from "@preact/signals";
import type { ReportBody } from "../shared/api";
import { rememberCategory } from "../shared/catalogue";
import { serverNow } from "../shared/http";
import { newId } from "../shared/ids";
import { session } from "../shared/session";
import type { Draft, Kept } from "./outbox";
import { dropDraft, keepDraft, listDrafts, readDraft, withBytes } from "./outbox/drafts";
import { enqueue, unstored } from "./sending";

function fresh(): Draft {
  return {
    id: newId(), person: null, changed_at: "", pictures: [], spot: null, category_code: null, category_later: false, description: "",
    observed_at: "", step: 1,
  };
}

export const draft = signal<Draft>(fresh());
/** The outbox id of the report just sent, whose receipt is shown. */
export const lastSent = signal<string | null>(null);

export async function loadDraft(): Promise<void> {
  try {
    const [last] = await listDrafts(session.value?.person.id ?? 0);
    const kept = last ? await readDraft<Draft>(last.id) : null;
    if (kept && !draft.value.pictures.length) draft.value = kept;
  } catch {
    unstored.value = true;
  }
}

export function change(part: Partial<Draft>): void {
  const next = { ...draft.value, ...part, person: session.value?.person.id ?? null, changed_at: new Date().toISOString() };
  // the moment of discovery is that of the first photo
  if (!next.observed_at && next.pictures.length) next.observed_at = serverNow().toISOString();
  draft.value = next;
  keepDraft(next).catch(() => (unstored.value = true));
}

export function discardDraft(): void {
  const { id } = draft.value;
  draft.value = fresh();
  dropDraft(id).catch(() => (unstored.value = true));
}

export function bodyOf(from: Draft): ReportBody {
  const { spot } = from;
  return {
    source: "inspector",
    description: from.description.trim(),
    observed_at: from.observed_at || serverNow().toISOString(),
    photos: from.pictures.map((picture) => picture.id),
    ...(from.category_code && !from.category_later && { category_code: from.category_code }),
    ...(spot && {
      point: {
        lon: spot.lon, lat: spot.lat, crs: "wgs84" as const,
        ...(spot.accuracy_m !== null && !spot.by_hand && { accuracy_m: spot.accuracy_m }),
      },
    }),
  };
}

/** Into the outbox, and a fresh draft; the receipt follows when the server has answered. */
export async function sendDraft(): Promise<void> {
  const from = draft.value;
  if (!session.value) return;
  if (from.category_code && !from.category_later) rememberCategory(from.category_code);
  const { pictures, ...form } = from;
  await enqueue({ id: from.id, kind: "report", pictures, report: bodyOf(from), form: { ...form }, from: { store: "drafts", key: from.id } });
  lastSent.value = from.id;
  draft.value = fresh();
}

/** The step of the form that holds the first field refused. */
function stepOf(item: Kept): Draft["step"] {
  const field = item.refusal?.faults[0]?.field ?? "";
  if (field.startsWith("photos")) return 1;
  return /^(category_code|description)/.test(field) ? 3 : 2;
}

/**
 * Back from the outbox into the form, under the same id: a refused report was never kept by the server.
 * False: another report is half written, and would be lost.
 */
export async function mendReport(item: Kept): Promise<boolean> {
  const { report } = item;
  if (!report) return false;
  await loadDraft();
  if (draft.value.pictures.length && draft.value.id !== item.id) return false;
  lastSent.value = null;
  change({
    id: item.id, pictures: await withBytes(item.pictures), description: report.description, observed_at: report.observed_at,
    category_code: report.category_code ?? null, category_later: !report.category_code, step: stepOf(item),
    spot: report.point
      ? { lon: report.point.lon, lat: report.point.lat, accuracy_m: report.point.accuracy_m ?? null, by_hand: report.point.accuracy_m === undefined }
      : null,
  });
  return true;
}
