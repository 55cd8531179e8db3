/** What a report being written holds, what it still lacks, and what is sent of it. Pure: no storage, no screen. */
import type { Category, ReportBody } from "../../shared/api";
import type { Picture } from "../../shared/pictures";
import type { Stamp } from "../outbox/clock";
import type { Draft } from "../outbox/kinds";

export interface Spot {
  lon: number;
  lat: number;
  accuracy_m: number | null;
  /** Set on the map, typed, or taken from a photo, a component or an earlier place: no circle of accuracy. */
  by_hand: boolean;
}

export interface Part {
  id: string;
  category_code: string;
  name: string;
  lon: number;
  lat: number;
}

export interface ReportForm extends Draft {
  spot: Spot | null;
  /** Where a photo from the gallery says that it was taken. */
  photo_spot: { lon: number; lat: number } | null;
  category_code: string | null;
  /** Quick report: the centre chooses the category. */
  category_later: boolean;
  condition: number | null;
  description: string;
  component: Part | null;
  self_handled: boolean;
  /** Which of the photos show it settled. */
  after: string[];
  /** When the first photo was taken. */
  stamp: Stamp | null;
  /** When that was, as an older page has kept it. */
  observed_at: string | null;
}

export const MOST_PHOTOS = 20;
export const MOST_CHARACTERS = 2000;
/** What is to be filled in: `{n}` of a phrase becomes this. */
export const GAP = "__";

export function blank(id: string, person: number | null = null): ReportForm {
  return {
    id, person, changed_at: "", pictures: [], refusal: null, spot: null, photo_spot: null, category_code: null, category_later: false, condition: null,
    description: "", component: null, self_handled: false, after: [], stamp: null, observed_at: null,
  };
}

/** Nothing was entered: such a draft is not worth keeping. */
export function isBlank(form: ReportForm): boolean {
  return !form.pictures.length && !form.category_code && !form.description.trim() && !form.component && !form.spot?.by_hand;
}

export type Side = "before" | "after";

export function photosOf(form: ReportForm, side: Side): Picture[] {
  const settled = form.self_handled;
  return form.pictures.filter(({ id }) => (settled && form.after.includes(id)) === (side === "after"));
}

/** One photo a place nearer to the front or the end, among those of its side. */
export function moved(form: ReportForm, id: string, by: -1 | 1): Picture[] {
  const side: Side = photosOf(form, "after").some((picture) => picture.id === id) ? "after" : "before";
  const row = photosOf(form, side);
  const at = row.findIndex((picture) => picture.id === id);
  const other = row[at + by];
  if (!other) return form.pictures;
  return form.pictures.map((picture) => (picture.id === id ? other : picture.id === other.id ? row[at]! : picture));
}

/** A photo on the other side: those taken before "settled" was ticked all stand before. */
export function sided({ after }: Pick<ReportForm, "after">, id: string, side: Side): string[] {
  const others = after.filter((one) => one !== id);
  return side === "after" ? [...others, id] : others;
}

export type Lack = "photo" | "before" | "after" | "place" | "category" | "category_settled" | "settled_not" | "photo_refused";

/** What the server would refuse the report for; in the order in which a person meets it. With `category`: the one chosen. */
export function lacks(form: ReportForm, category?: Category): Lack[] {
  const found: Lack[] = [];
  const refused = form.refusal?.photos ?? [];
  if (!form.self_handled && !form.pictures.length) found.push("photo");
  if (form.self_handled && !photosOf(form, "before").length) found.push("before");
  if (form.self_handled && !photosOf(form, "after").length) found.push("after");
  if (form.pictures.some(({ id }) => refused.includes(id))) found.push("photo_refused");
  if (!form.spot) found.push("place");
  if (form.self_handled && !form.category_code) found.push("category_settled");
  else if (!form.category_code && !form.category_later) found.push("category");
  if (form.self_handled && !maySettle(category)) found.push("settled_not");
  return found;
}

/** Settling on the spot is offered until a category says no; a kept catalogue from before does not say. */
export function maySettle(category: Category | undefined): boolean {
  return category?.self_handle !== false;
}

export function bodyOf(form: ReportForm, observed_at: string): ReportBody {
  const { spot, category_code, condition, component } = form;
  const category = form.category_later ? null : category_code;
  return {
    source: "inspector",
    description: form.description.trim(),
    observed_at,
    photos: [...photosOf(form, "before"), ...photosOf(form, "after")].map(({ id }) => id),
    ...(category && { category_code: category, ...(condition !== null && { condition }) }),
    ...(spot && {
      point: { lon: spot.lon, lat: spot.lat, crs: "wgs84" as const, ...(spot.accuracy_m !== null && !spot.by_hand && { accuracy_m: spot.accuracy_m }) },
    }),
    ...(component && { component_id: component.id }),
    ...(form.self_handled && category && { self_handled: true }),
  };
}

/** The form as it is kept beside a report on its way, so that a refused one can be opened again. */
export function keptForm({ pictures: _, ...form }: ReportForm): Record<string, unknown> {
  return { ...form };
}

/** Any kept draft as a form of today: what an older page did not know is blank. */
export function asForm(draft: Draft): ReportForm {
  return { ...blank(draft.id), ...draft };
}
