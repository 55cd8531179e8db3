/** Choosing a category by typing: an input with the matches beneath, arrows and Enter work. */
import { useId, useState } from "preact/hooks";
import type { Category } from "../shared/api";
import { categoryName } from "../shared/case/words";
import { findCategory, searchCategories } from "../shared/catalogue";
import { either, t } from "../shared/language";
import { Fault } from "../shared/parts/fields";

interface Props {
  value: string;
  change: (code: string) => void;
  fault: string | null | undefined;
  label?: string;
}

export function CategoryInput({ value, change, fault, label = t("new.category") }: Props) {
  const id = useId();
  const chosen = findCategory(value);
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const found = chosen ? [] : searchCategories(query, 12);
  const take = (category: Category): void => {
    change(category.code);
    setQuery("");
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setActive((active + (event.key === "ArrowDown" ? 1 : found.length - 1)) % Math.max(1, found.length));
    } else if (event.key === "Enter" && found[active]) {
      event.preventDefault();
      take(found[active]);
    }
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {chosen ? (
        <div class="chosen">
          <span data-testid="category">{categoryName(chosen)} <span class="caption">{chosen.code} · {either(chosen.class_zh, chosen.class_en)}</span></span>
          <button type="button" class="button" id={id} onClick={() => change("")}>{t("report.change")}</button>
        </div>
      ) : (
        <input id={id} role="combobox" aria-expanded={found.length > 0} aria-controls={`${id}-list`} aria-autocomplete="list" autoComplete="off"
          aria-activedescendant={found.length ? `${id}-${active}` : undefined} aria-invalid={fault ? true : undefined} aria-describedby={fault ? `${id}-fault` : undefined} name="category_code"
          placeholder={t("new.category_search")} value={query} onKeyDown={onKeyDown}
          onInput={(event) => (setQuery(event.currentTarget.value), setActive(0))} />
      )}
      {query.trim() && !found.length && !chosen && <p class="caption" role="status">{t("report.no_match")}</p>}
      <ul id={`${id}-list`} role="listbox" class="options" aria-label={t("new.matches")} hidden={!found.length}>
        {found.map((category, index) => (
          <li key={category.code} id={`${id}-${index}`} role="option" aria-selected={index === active} data-code={category.code}
            onMouseDown={(event) => event.preventDefault()} onClick={() => take(category)}>
            {categoryName(category)} <span class="caption">{category.code} · {either(category.class_zh, category.class_en)}</span>
          </li>
        ))}
      </ul>
      <Fault id={`${id}-fault`} text={fault} />
    </div>
  );
}
