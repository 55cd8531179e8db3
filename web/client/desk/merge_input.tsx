/** Choosing the first case of a merger: from the likely duplicates or by number, then both side by side. */
import { useEffect, useState } from "preact/hooks";
import type { CaseDetail, CaseItem } from "../shared/api";
import { fetchCase } from "../shared/case/data";
import { Photos } from "../shared/case/photos";
import { categoryName, placeName } from "../shared/case/words";
import { distance, exact } from "../shared/format";
import { get } from "../shared/http";
import { t, word } from "../shared/language";
import { TextField } from "../shared/parts/fields";
import { why } from "../shared/parts/states";
import type { InputProps } from "./verb_inputs";

export type Similar = CaseItem & { score: number; distance_m: number; hours: number };

const NUMBER = /^\d{10,30}$/;

/** How like another case is, in words: share, distance, before or after. */
export function likeness({ score, distance_m, hours }: Pick<Similar, "score" | "distance_m" | "hours">): string {
  const n = Math.abs(Math.round(hours));
  const apart = n === 0 ? t("form.hours_same") : t(hours > 0 ? "form.hours_after" : "form.hours_before", { n });
  return t("form.into_score", { score: Math.round(score * 100), distance: distance(distance_m), hours: apart });
}

function useSimilar(no: string): { found: Similar[] | null; error: unknown } {
  const [found, setFound] = useState<Similar[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    if (no) get<{ items: Similar[] }>(`cases/${no}/similar`).then(({ items }) => setFound(items), setError);
  }, [no]);
  return { found: found?.filter((one) => one.ended_at === null) ?? null, error };
}

/** The case of a number, when it is a number and somebody sees it. */
function useOther(no: string): { other: CaseDetail | null; error: unknown } {
  const [other, setOther] = useState<CaseDetail | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    setError(null);
    if (!NUMBER.test(no)) return setOther(null);
    let gone = false;
    fetchCase(no).then((found) => !gone && setOther(found), (failure: unknown) => !gone && (setOther(null), setError(failure)));
    return () => void (gone = true);
  }, [no]);
  return { other, error };
}

function Side({ title, item }: { title: string; item: CaseDetail }) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <p class="caption">{item.no}</p>
      <p><strong>{categoryName(item.category)}</strong> · {word("stage", item.stage)}</p>
      <p>{item.description || "—"}</p>
      <p class="caption">{placeName(item)}{item.address ? ` · ${item.address}` : ""}</p>
      <p class="caption">{word("source", item.source)}{item.report?.person ? ` · ${item.report.person}` : ""} · {exact(item.reported_at)}</p>
      <Photos photos={item.photos} none={t("detail.no_before")} />
    </section>
  );
}

export function MergeInput({ item, entered, change, fault, many }: InputProps) {
  const { found, error: lost } = useSimilar(many ? "" : item.no);
  const no = entered.into.trim();
  const { other, error } = useOther(no);
  return (
    <>
      {!many && (
        <fieldset class="field">
          <legend>{t("form.into_similar")}</legend>
          <div class="choices similar" data-testid="similar">
            {(found ?? []).map((one) => (
              <label class="choice" key={one.no}>
                <input type="radio" name="into-similar" value={one.no} checked={no === one.no} onChange={() => change({ into: one.no })} />
                <span>
                  {categoryName(one.category)} · {word("stage", one.stage)} <span class="caption">{likeness(one)}</span>
                  <span class="caption"><br />{one.no} · {one.description || placeName(one)}</span>
                </span>
              </label>
            ))}
          </div>
          {found && !found.length && <p class="caption">{t("form.into_none")}</p>}
          {lost ? <p class="fault">{why(lost)}</p> : null}
        </fieldset>
      )}
      <TextField label={many ? t("form.into") : t("form.into_no")} name="into" mode="text" value={entered.into} most={40} fault={error ? why(error) : fault} change={(into) => change({ into })} />
      {other && (
        <div class={many ? "" : "sides beside"} data-testid="beside">
          {!many && <Side title={t("form.this_case")} item={item} />}
          <Side title={t("form.first_case")} item={other} />
        </div>
      )}
    </>
  );
}
