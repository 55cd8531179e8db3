/** What it is: what this person uses first, then the large classes as tiles, and a search that finds at each letter. */
import {
  Boxes, Brush, Construction, Droplets, Ellipsis, type IconNode, Megaphone, Search, Siren, Store, TrafficCone, Trees, Recycle,
} from "lucide";
import { useState } from "preact/hooks";
import type { Category } from "../../shared/api";
import { categoryName, conditionWords, limitWords } from "../../shared/case/words";
import { categories, findCategory, largeClasses, likelyCodes, searchCategories, used } from "../../shared/catalogue";
import { either, t, word } from "../../shared/language";
import { ChoiceField } from "../../shared/parts/fields";
import { Icon } from "../../shared/parts/icon";
import { Banner } from "../../shared/parts/states";
import { ownReports } from "../sync";
import { change, draft } from "./draft";
import { closePanel, openPanel } from "./panels";

const ICONS: Record<string, IconNode> = {
  "01": Droplets, "02": TrafficCone, "03": Recycle, "04": Trees, "05": Boxes, "06": Brush, "07": Megaphone, "08": Construction, "09": Store, "90": Siren,
};

/** Of another class its component and condition are no more. */
function choose({ code }: Category): void {
  const same = draft.value.category_code === code;
  void change({ category_code: code, category_later: false, ...(!same && { condition: null }) });
}

export function CategoryTile({ category, then }: { category: Category; then?: () => void }) {
  const chosen = draft.value.category_code === category.code;
  return (
    <li>
      <button type="button" class="tile" data-testid="category-tile" data-code={category.code} aria-pressed={chosen} onClick={() => (choose(category), then?.())}>
        <Icon of={ICONS[category.class_code] ?? Ellipsis} />
        <span class="name">{categoryName(category)}</span>
      </button>
    </li>
  );
}

function Tiles({ items, testid, then }: { items: Category[]; testid: string; then?: () => void }) {
  return <ul class="tiles" data-testid={testid}>{items.map((category) => <CategoryTile key={category.code} category={category} {...(then && { then })} />)}</ul>;
}

const MOST_LIKELY = 8;

function likely(): Category[] {
  const reported = ownReports.value.flatMap(({ category }) => (category ? [category.code] : []));
  return likelyCodes(used.value, reported, MOST_LIKELY).map(findCategory).filter((category) => category !== undefined);
}

function Classes() {
  return (
    <ul class="tiles classes">
      {largeClasses().map(({ code, name, kind }) => (
        <li key={code}>
          <button type="button" class="tile" data-testid="class-tile" data-class={code} onClick={() => openPanel(`class-${code}`)}>
            <Icon of={ICONS[code] ?? Ellipsis} />
            <span class="name">{name}</span>
            <span class="caption">{word("kind", kind)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Picker() {
  const [query, setQuery] = useState("");
  const found = searchCategories(query);
  const offered = likely();
  return (
    <>
      <div class="searchbox">
        <Icon of={Search} />
        <input type="search" class="input" name="category-search" data-testid="category-search" aria-label={t("report.search_label")} placeholder={t("report.search")}
          value={query} autoComplete="off" autoCapitalize="off" spellcheck={false} enterKeyHint="search" onInput={(event) => setQuery(event.currentTarget.value)} />
      </div>
      {!categories.value.length && <Banner kind="warn">{t("report.no_catalogue")}</Banner>}
      <div aria-live="polite">
        {query.trim() && (found.length ? <Tiles items={found} testid="found" /> : <p class="muted">{t("report.none_found")}</p>)}
      </div>
      {!query.trim() && offered.length > 0 && <><h3>{t("report.recent")}</h3><Tiles items={offered} testid="recent" /></>}
      {!query.trim() && categories.value.length > 0 && <><h3>{t("report.all_classes")}</h3><Classes /></>}
    </>
  );
}

/** The filing condition, where the category has several: optional, the centre may choose. */
function Conditions({ category }: { category: Category }) {
  const { condition } = draft.value;
  const { conditions } = category;
  if (conditions.length < 2) return null;
  const chosen = conditions.find(({ id }) => id === condition);
  return (
    <details class="group" data-testid="conditions">
      <summary><span class="strong">{t("report.condition")}</span><span class="caption">{chosen ? conditionWords(chosen) : t("report.condition_later")}</span></summary>
      <div class="inside">
        <ChoiceField label={t("report.condition")} name="condition" value={condition === null ? "" : String(condition)}
          change={(id) => void change({ condition: id ? Number(id) : null })}
          options={[
            { value: "", label: t("report.condition_later") },
            ...conditions.map((one) => ({ value: String(one.id), label: conditionWords(one), detail: limitWords(one) })),
          ]} />
      </div>
    </details>
  );
}

export function CategoryPart() {
  const { category_code, category_later } = draft.value;
  const chosen = findCategory(category_code);
  return (
    <section class="stack tight" aria-label={t("report.category")}>
      <h2 class="hidden">{t("report.category")}</h2>
      {!category_code && !category_later ? <Picker /> : (
        <div class="row-line">
          <div class="grow" role="status">
            <p class="strong" data-testid="category">{category_later ? t("report.later") : chosen ? categoryName(chosen) : category_code}</p>
            {chosen && !category_later && <p class="caption">{either(chosen.class_zh, chosen.class_en)} · {chosen.code}</p>}
          </div>
          <button type="button" class="button" onClick={() => void change({ category_code: null, category_later: false })} data-testid="category-change">{t("report.change")}</button>
        </div>
      )}
      {chosen && !category_later && <Conditions category={chosen} />}
    </section>
  );
}

/** One large class, over the whole room. */
export function ClassPanel({ code }: { code: string }) {
  const group = largeClasses().find((one) => one.code === code);
  return (
    <section class="panelroom">
      <h1 tabIndex={-1}>{group?.name ?? t("report.category")}</h1>
      <Tiles items={categories.value.filter((category) => category.class_code === code)} testid="found" then={closePanel} />
      <div class="actions"><button type="button" class="button" onClick={closePanel}>{t("act.back")}</button></div>
    </section>
  );
}
