/** What narrows the list: words, class, stage, source. */
import { useEffect, useState } from "preact/hooks";
import { largeClasses } from "../shared/catalogue";
import { isEnglish, t, word } from "../shared/language";
import { SelectField } from "../shared/parts/fields";
import { filter, filters } from "./place";

const STAGES = [
  "reported", "verifying", "pending_filing", "pending_dispatch", "dispatched", "handling", "suspended", "handled", "checking",
  "pending_closing", "closed", "rejected", "cancelled",
];
export const SOURCES = ["inspector", "public", "hotline", "sensor", "vehicle", "drone", "video", "department", "superior"];
const PAUSE_MS = 300;

function options(prefix: string, names: string[], label: string): (readonly [string, string])[] {
  const what = isEnglish() ? label.toLowerCase() : label;
  return [["", t("filter.any", { what })], ...names.map((name) => [name, word(prefix, name)] as const)];
}

function Search() {
  const [text, setText] = useState(filters.value.q);
  useEffect(() => setText(filters.value.q), [filters.value.q]);
  useEffect(() => {
    if (text === filters.value.q) return undefined;
    const timer = setTimeout(() => filter({ q: text }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input class="input search" type="search" value={text} placeholder={t("filter.q")} aria-label={t("filter.q")} data-testid="search"
      onInput={(event) => setText(event.currentTarget.value)} />
  );
}

export function FilterBar({ map, toggleMap }: { map: boolean; toggleMap: () => void }) {
  const { q, category, stage, source } = filters.value;
  const classes = largeClasses().map((group) => [group.code, group.name] as const);
  return (
    <div class="filters" role="search">
      <Search />
      <SelectField bare label={t("filter.category")} name="category" value={category} change={(value) => filter({ category: value })}
        options={[["", t("filter.any", { what: isEnglish() ? "class" : t("filter.category") })], ...classes]} />
      <SelectField bare label={t("filter.stage")} name="stage" value={stage} change={(value) => filter({ stage: value })}
        options={options("stage", STAGES, t("filter.stage"))} />
      <SelectField bare label={t("filter.source")} name="source" value={source} change={(value) => filter({ source: value })}
        options={options("source", SOURCES, t("filter.source"))} />
      {(q || category || stage || source) && (
        <button type="button" class="button plain" onClick={() => filter({ q: "", category: "", stage: "", source: "" })}>{t("filter.clear")}</button>
      )}
      <button type="button" class="button plain" aria-pressed={map} onClick={toggleMap} data-testid="toggle-map">{t(map ? "desk.map_hide" : "desk.map_show")}</button>
    </div>
  );
}
