/** Assisting departments beside the lead: found by name, shown as a list that can be shortened. */
import { useId, useState } from "preact/hooks";
import { departmentName } from "../shared/case/words";
import { t } from "../shared/language";
import { Fault } from "../shared/parts/fields";
import type { InputProps } from "./verb_inputs";

const MOST = 8;
const SHOWN = 8;

export function AssistInput({ item, entered, change, fault }: InputProps) {
  const id = useId();
  const [query, setQuery] = useState("");
  const chosen = entered.assist ? entered.assist.split(",") : [];
  const set = (codes: string[]): void => change({ assist: codes.join(",") });
  const all = item.departments.filter((department) => department.code !== entered.department);
  const words = query.trim().toLowerCase();
  const found = all
    .filter((department) => !chosen.includes(department.code) && `${department.name} ${department.name_en}`.toLowerCase().includes(words))
    .slice(0, SHOWN);
  if (!all.length && !chosen.length) return null;
  return (
    <details class="field" open={chosen.length > 0}>
      <summary>{t("form.assist")}</summary>
      <ul class="picked">
        {chosen.map((code) => (
          <li key={code}>
            <span>{departmentName(item.departments.find((one) => one.code === code) ?? null) || code}</span>
            <button type="button" class="button" onClick={() => set(chosen.filter((other) => other !== code))}>{t("act.remove")}</button>
          </li>
        ))}
      </ul>
      {chosen.length < MOST && (
        <>
          <label for={id} class="hidden">{t("form.assist_search")}</label>
          <input id={id} class="input" type="search" value={query} placeholder={t("form.assist_search")} name="assist-search" autoComplete="off"
            onInput={(event) => setQuery(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              if (found[0]) set([...chosen, found[0].code]);
            }} />
          <ul class="addable" data-testid="assist">
            {found.map((department) => (
              <li key={department.code}>
                <button type="button" class="button" data-code={department.code} onClick={() => (set([...chosen, department.code]), setQuery(""))}>+ {departmentName(department)}</button>
              </li>
            ))}
          </ul>
          {!found.length && <p class="caption" role="status">{t(words ? "report.no_match" : "form.assist_none")}</p>}
        </>
      )}
      <Fault id={`${id}-fault`} text={fault} />
    </details>
  );
}
