/** The list: burns next first; a row is a link, so that keyboard, new tab and reading aloud work by themselves. */
import type { CaseItem } from "../shared/api";
import { Marks } from "../shared/case/facts";
import { categoryName, departmentName, placeName } from "../shared/case/words";
import { brief, count, exact } from "../shared/format";
import { online } from "../shared/http";
import { t, word } from "../shared/language";
import { Light } from "../shared/parts/light";
import { Banner, Empty, Failure, Loading, why } from "../shared/parts/states";
import { session } from "../shared/session";
import { items, listError, listState, loadMore, next, refresh } from "./cases";
import { BulkBar } from "./bulk_bar";
import { choose, chosen, filter, filters, NO_FILTERS, type View, view } from "./place";
import { selected, selectTo, toggle } from "./selection";

/** A click with shift takes all rows from the last selected one on. */
function Pick({ no }: { no: string }) {
  const pick = (event: MouseEvent): void => (event.shiftKey ? selectTo(no) : toggle(no));
  return (
    <label class="pick">
      <input type="checkbox" checked={selected.value.has(no)} aria-label={t("bulk.select", { no })} data-testid="select" onClick={pick} />
    </label>
  );
}

/** Who has it open: ‹王›. */
function ClaimBy({ name }: { name: string }) {
  const hint = t("claim.open_by", { name });
  return <span class="claim" title={hint}><span class="hidden">{hint} </span><span aria-hidden="true">‹{name}› </span></span>;
}

function What({ item }: { item: CaseItem }) {
  const other = item.claim_by && item.claim_by !== session.value?.person.name ? item.claim_by : null;
  return (
    <span class="what" title={item.description}>
      {other && <ClaimBy name={other} />}
      {categoryName(item.category)}{item.description ? <span class="muted"> {item.description}</span> : null}
    </span>
  );
}

function Row({ item }: { item: CaseItem }) {
  const open = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey) return;
    if (event.shiftKey) {
      event.preventDefault();
      return selectTo(item.no);
    }
    event.preventDefault();
    choose(item.no);
  };
  return (
    <li class={selected.value.has(item.no) ? "selected" : ""}>
      <Pick no={item.no} />
      <a class="caserow" href={`/desk?case=${item.no}`} aria-current={chosen.value === item.no} data-row data-no={item.no} onClick={open}>
        <span class="time">
          <Light item={item} />
          {item.clock && !item.clock.paused && <time class="caption" dateTime={item.clock.due_at} title={exact(item.clock.due_at)}>{brief(item.clock.due_at)}</time>}
        </span>
        <What item={item} />
        <span class="where">{placeName(item)}</span>
        <span class="stage">{word("stage", item.stage)}</span>
        <span class="dept muted" title={departmentName(item.department)}>{departmentName(item.department)}</span>
        <span class="marks"><Marks item={item} /></span>
      </a>
    </li>
  );
}

function Head() {
  return (
    <div class="caserow head" aria-hidden="true">
      <span class="time">{t(view.value === "all" ? "list.light" : "list.light_sorted")}</span><span>{t("list.category")}</span><span class="where">{t("list.street")}</span>
      <span class="stage">{t("list.stage")}</span><span class="dept">{t("list.department")}</span><span class="marks">{t("list.marks")}</span>
    </div>
  );
}

function isFiltered(): boolean {
  return Object.values(filters.value).some(Boolean);
}

function Nothing() {
  const action = isFiltered()
    ? <button type="button" class="button" onClick={() => filter(NO_FILTERS)}>{t("filter.clear")}</button>
    : null;
  return <Empty action={action}>{t(isFiltered() ? "list.empty_filter" : "list.empty_view")}</Empty>;
}

function isHinted(name: View): name is "supervised" | "decisions" | "disputed" {
  return ["supervised", "decisions", "disputed"].includes(name);
}

export function CaseList() {
  return (
    <section class="list" aria-label={t("desk.list")}>
      {isHinted(view.value) && <p class="caption hint">{t(`view.${view.value}_hint`)}</p>}
      <BulkBar />
      <div class="scroll">
        <Head />
        {listState.value === "failed" && <Failure error={listError.value} retry={() => void refresh()} />}
        {listState.value === "there" && listError.value !== null && online.value && <Banner kind="warn">{why(listError.value)}</Banner>}
        {listState.value === "asking" && <Loading />}
        {listState.value === "there" && !items.value.length && <Nothing />}
        <ul data-testid="cases">{items.value.map((item) => <Row key={item.no} item={item} />)}</ul>
        {listState.value === "there" && items.value.length > 0 && (
          <p class="more">
            <span class="caption">{t(next.value ? "list.loaded" : "list.end", { n: count(items.value.length) })}</span>
            {next.value && <button type="button" class="button" onClick={() => void loadMore()} data-testid="more">{t("act.more")}</button>}
          </p>
        )}
      </div>
    </section>
  );
}
