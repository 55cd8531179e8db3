/** What it is: search, recent ones, large classes; then the description, then send. */
import { useState } from "preact/hooks";
import type { Category } from "../shared/api";
import { categories, findCategory, largeClasses, used, searchCategories } from "../shared/catalogue";
import { categoryName } from "../shared/case/words";
import { either, t, word } from "../shared/language";
import { TextField } from "../shared/parts/fields";
import { Banner } from "../shared/parts/states";
import { change, draft, sendDraft } from "./report_draft";

function choose(category: Category): void {
  change({ category_code: category.code, category_later: false });
}

function Choices({ items, testid }: { items: Category[]; testid?: string }) {
  return (
    <ul class="rows" data-testid={testid}>
      {items.map((category) => (
        <li key={category.code}>
          <button type="button" class="row" onClick={() => choose(category)} data-code={category.code}>
            <span class="strong">{categoryName(category)}</span>
            <span class="caption">{either(category.class_zh, category.class_en)} · {word("kind", category.kind)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Picker() {
  const [query, setQuery] = useState("");
  const recent = used.value.recent.map(findCategory).filter((category) => category !== undefined);
  const found = searchCategories(query);
  return (
    <div class="stack">
      <TextField label={t("act.search")} name="category-search" mode="search" placeholder={t("report.search")} value={query} change={setQuery} />
      {!categories.value.length && <Banner kind="warn">{t("report.no_catalogue")}</Banner>}
      {query.trim() && (found.length ? <Choices items={found} testid="found" /> : <p class="muted" role="status">{t("report.no_match")}</p>)}
      {!query.trim() && recent.length > 0 && <><h2>{t("report.recent")}</h2><Choices items={recent} /></>}
      {!query.trim() && (
        <>
          <h2>{t("report.all_classes")}</h2>
          {largeClasses().map((group) => (
            <details key={group.code} class="group">
              <summary>{group.name} <span class="caption">{word("kind", group.kind)}</span></summary>
              <Choices items={categories.value.filter((category) => category.class_code === group.code)} />
            </details>
          ))}
        </>
      )}
      <button type="button" class="button" onClick={() => change({ category_code: null, category_later: true })} data-testid="category-later">{t("report.later")}</button>
    </div>
  );
}

export function CategoryStep() {
  const [busy, setBusy] = useState(false);
  const { category_code, category_later, description } = draft.value;
  const chosen = findCategory(category_code);
  if (!category_later && !category_code) return <Picker />;
  const send = async (): Promise<void> => {
    setBusy(true);
    await sendDraft();
    setBusy(false);
  };
  return (
    <div class="stack">
      <div class="panel chosen">
        <div>
          <p class="caption">{t("report.chosen")}</p>
          <p class="strong" data-testid="category">{category_later ? t("report.later") : chosen ? categoryName(chosen) : category_code}</p>
        </div>
        <button type="button" class="button" onClick={() => change({ category_code: null, category_later: false })}>{t("report.change")}</button>
      </div>
      <TextField long label={t("report.description")} name="description" placeholder={t("report.description_hint")} value={description}
        change={(text) => change({ description: text })} most={2000} />
      <div class="actions"><button type="button" class="button main" disabled={busy} onClick={() => void send()} data-testid="send-report">{t("report.send")}</button></div>
    </div>
  );
}
