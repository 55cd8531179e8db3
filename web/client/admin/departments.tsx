/** Departments by centre with their units; one opened shows its duties, its names and how it ends. */
import { useState } from "preact/hooks";
import { count } from "../shared/format";
import { either, t, word } from "../shared/language";
import { Empty, Failure, Loading } from "../shared/parts/states";
import { ownCentre } from "../shared/session";
import type { DepartmentItem } from "./api";
import { usePages } from "./asking";
import { DepartmentForm } from "./department_form";
import { DepartmentPage } from "./department_page";
import { go, place } from "./place";
import { type Choice, findCells, SearchPick } from "./search_pick";
import { MoreButton } from "./told";
import { treeOf } from "./tree";
import { TableBox } from "./table_box";

interface RowProps {
  item: DepartmentItem;
  depth: number;
  load: () => Promise<void>;
}

function Row({ item, depth, load }: RowProps) {
  const open = place.value.department === item.code;
  return (
    <>
      <tr data-department={item.code} class={item.retired_at ? "muted" : ""}>
        <th scope="row" class={`wrap depth-${Math.min(depth, 3)}`}>
          <button type="button" class="link" aria-expanded={open} data-testid={`department-${item.code}`} onClick={() => go({ department: open ? null : item.code })}>
            {either(item.name, item.name_en)}
          </button>
          <div class="caption"><code>{item.code}</code></div>
        </th>
        <td class="number">{count(item.duties.length)}</td>
        <td>{item.retired_at ? t("dep.retired") : ""}</td>
      </tr>
      {open && <tr class="opened"><td colSpan={3}><DepartmentPage key={item.code} item={item} load={load} /></td></tr>}
    </>
  );
}

function CentreGroup({ items, load }: { items: readonly DepartmentItem[]; load: () => Promise<void> }) {
  const centre = items[0]!.centre;
  const id = `centre-${centre.code}`;
  return (
    <section class="panel" aria-labelledby={id}>
      <h2 id={id}>{centre.name} <span class="caption">{word("level", centre.level)} · {centre.code}</span></h2>
      <TableBox label={centre.name}>
        <table class="table" aria-labelledby={id}>
          <thead><tr><th scope="col">{t("dep.name")}</th><th scope="col" class="number">{t("dep.duties")}</th><th scope="col">{t("people.state")}</th></tr></thead>
          <tbody>{treeOf(items).map(({ item, depth }) => <Row key={item.code} item={item} depth={depth} load={load} />)}</tbody>
        </table>
      </TableBox>
    </section>
  );
}

/** Items by centre, in the order in which they came. */
function byCentre(items: readonly DepartmentItem[]): DepartmentItem[][] {
  const groups = new Map<string, DepartmentItem[]>();
  for (const item of items) groups.set(item.centre.code, [...(groups.get(item.centre.code) ?? []), item]);
  return [...groups.values()];
}

export function DepartmentsPart() {
  const own = ownCentre();
  const first = place.value.centre;
  const [centre, setCentre] = useState<Choice | null>(first ? { code: first, name: first === own?.code ? own.name : first } : null);
  const [retired, setRetired] = useState(false);
  const [adding, setAdding] = useState(false);
  const list = usePages<DepartmentItem>("departments", { centre: centre?.code, retired }, 100);
  // the address names the centre's code alone
  const named = centre && { ...centre, name: list.items?.find((item) => item.centre.code === centre.code)?.centre.name ?? centre.name };
  const choose = (choice: Choice | null): void => {
    setCentre(choice);
    go({ centre: choice?.code ?? null, department: null });
  };
  return (
    <>
      <section class="panel fields" aria-label={t("act.search")}>
        <div class="row">
          <SearchPick label={t("dep.centre")} name="centre" placeholder={t("dep.centre_all")} value={named} change={choose} find={findCells} />
          <label class="check"><input type="checkbox" checked={retired} onChange={() => setRetired(!retired)} /> {t("dep.show_retired")}</label>
          <button type="button" class="button" aria-expanded={adding} onClick={() => setAdding(!adding)} data-testid="add-department">{t("dep.add")}</button>
        </div>
        {adding && <DepartmentForm name="admin:department" centre={named} parent={null} done={list.load} close={() => setAdding(false)} />}
      </section>
      {list.error && !list.items ? <Failure error={list.error} retry={() => void list.load()} /> : null}
      {!list.items && !list.error && <Loading />}
      {list.items?.length === 0 && <Empty>{t(centre ? "dep.empty_centre" : "dep.empty", { name: named?.name ?? "" })}</Empty>}
      {list.items && byCentre(list.items).map((items) => <CentreGroup key={items[0]!.centre.code} items={items} load={list.load} />)}
      {list.items && list.items.length > 0 && <p class="caption">{t("admin.loaded", { n: count(list.items.length) })}</p>}
      <MoreButton next={list.next} more={list.more} />
    </>
  );
}
