/** How many rows are selected, and the way to act on all of them. */
import { count } from "../shared/format";
import { t } from "../shared/language";
import { results } from "./bulk";
import { acting } from "./place";
import { clearSelection, closeBulk, MOST, selectAll, selected } from "./selection";

export function BulkBar() {
  const n = selected.value.size;
  if (!n && !results.value) return null;
  const begin = (): void => {
    results.value = null;
    acting.value = true;
  };
  const clear = (): void => {
    results.value = null;
    clearSelection();
    closeBulk();
  };
  return (
    <div class="bulkbar" data-testid="bulk-bar">
      <span class="strong" role="status">{t("bulk.selected", { n: count(n) })}</span>
      {n >= MOST && <span class="caption">{t("bulk.most")}</span>}
      {n > 0 && <button type="button" class="button main" onClick={begin} aria-expanded={acting.value} data-testid="bulk-act">{t("bulk.act")}</button>}
      {results.value && !acting.value && <button type="button" class="button" onClick={() => (acting.value = true)}>{t("bulk.show_results")}</button>}
      {n > 0 && <button type="button" class="button plain" onClick={selectAll}>{t("bulk.select_all")}</button>}
      <button type="button" class="button plain" onClick={clear} data-testid="bulk-clear">{t(n ? "bulk.clear" : "act.close")}</button>
    </div>
  );
}
