/** An item of the outbox as the form that it came from. */
import type { Draft, Heads, Kept } from "./kinds";

/** For items from before forms were kept with them. */
function fromBody({ report }: Kept): Record<string, unknown> {
  const point = report?.point;
  return {
    description: report?.description ?? "", observed_at: report?.observed_at ?? "", category_code: report?.category_code ?? null,
    category_later: !report?.category_code, step: 1,
    spot: point ? { lon: point.lon, lat: point.lat, accuracy_m: point.accuracy_m ?? null, by_hand: point.accuracy_m === undefined } : null,
  };
}

export function formOf(item: Kept): Heads<Draft> {
  return {
    ...(item.form ?? fromBody(item)), id: item.id, person: item.person, changed_at: new Date().toISOString(), refusal: item.refusal,
    pictures: item.pictures.map(({ id, type, sent }) => ({ id, type, sent })),
  } as Heads<Draft>;
}
