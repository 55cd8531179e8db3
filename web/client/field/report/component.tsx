/** Picking the very component (部件): the nearest in a list, the same on the map; fetched when it is first opened. */
import { useEffect, useState } from "preact/hooks";
import { categoryName } from "../../shared/case/words";
import { findCategory } from "../../shared/catalogue";
import { distance } from "../../shared/format";
import { get } from "../../shared/http";
import { t } from "../../shared/language";
import { TextField } from "../../shared/parts/fields";
import { PlaceMap } from "../map/place_map";
import { position } from "../position";
import { components, grid } from "../sync";
import { change, draft } from "./draft";
import type { Part } from "./form";
import { closePanel } from "./panels";
import { fromServer, nearest, type NearPart, together } from "./parts";
import { setByHand } from "./where";

const MOST = 30;
const METRES = 300;

type Spot = { lon: number; lat: number };

/** What the server knows besides; without a connection nothing. */
function useThere(spot: Spot | null, category: string | null): NearPart[] {
  const [there, setThere] = useState<NearPart[]>([]);
  useEffect(() => {
    setThere([]);
    if (!spot) return undefined;
    const giveUp = new AbortController();
    const query = { near: `${spot.lon},${spot.lat}`, metres: METRES, category, limit: MOST };
    get<{ items: Parameters<typeof fromServer>[0] }>("components", query, giveUp.signal).then(({ items }) => setThere(fromServer(items, spot)), () => undefined);
    return () => giveUp.abort();
  }, [spot?.lon, spot?.lat, category]);
  return there;
}

/** Its category comes with it where none is chosen, or one of another kind. */
function take({ id, category_code, name, lon, lat }: Part): void {
  const known = findCategory(category_code) !== undefined;
  const { category_code: before } = draft.value;
  const other = before !== category_code && known && (!before || findCategory(before)?.kind === "component");
  void change({ component: { id, category_code, name, lon, lat }, ...(other && { category_code, category_later: false, condition: null }) });
}

function Item({ part }: { part: NearPart }) {
  const category = findCategory(part.category_code);
  return (
    <li>
      <button type="button" class="row" data-testid="component-item" data-id={part.id} aria-pressed={draft.value.component?.id === part.id} onClick={() => take(part)}>
        <span class="first"><span class="strong">{part.name || (category ? categoryName(category) : part.id)}</span><span class="kind">{distance(part.metres)}</span></span>
        <span class="caption">{part.id}{part.department && ` · ${part.department}`}</span>
      </button>
    </li>
  );
}

function Chosen({ part }: { part: Part }) {
  const { spot } = draft.value;
  const there = spot?.lon === part.lon && spot.lat === part.lat;
  return (
    <div class="panel stack tight" role="status" data-testid="component-chosen">
      <p class="strong">{part.name || part.id}</p>
      <p class="caption">{part.id}</p>
      {there ? <p class="caption">{t("report.part_there")}</p> : (
        <button type="button" class="button" onClick={() => setByHand(part)} data-testid="component-place">{t("report.part_place")}</button>
      )}
    </div>
  );
}

export function ComponentPanel() {
  const [query, setQuery] = useState("");
  const { spot, component, category_code } = draft.value;
  const category = findCategory(category_code);
  const wanted = category?.kind === "component" ? category.code : null;
  const around = spot ?? position.value;
  const there = useThere(around, wanted);
  const here = around ? nearest(components.value, around, { most: MOST, metres: METRES, category: wanted, query }) : [];
  const words = query.trim().toLowerCase();
  const found = together(here, there.filter(({ id, name }) => !words || `${id} ${name}`.toLowerCase().includes(words)), MOST);
  return (
    <section class="panelroom">
      <h1 tabIndex={-1}>{t("report.part_pick")}</h1>
      <div class="mapbox tall">
        <PlaceMap spot={spot} accuracy={spot && !spot.by_hand ? spot.accuracy_m : null} components={found} move={setByHand} pick={take} grid={grid.value}
          chosen={component?.id ?? null} here={position.value} />
      </div>
      {component && <Chosen part={component} />}
      <TextField label={t("report.part_search")} name="component-search" mode="search" value={query} change={setQuery} />
      {!around && <p class="muted">{t("report.part_no_place")}</p>}
      {around && !found.length && <p class="muted" role="status">{t("report.part_none", { d: METRES })}</p>}
      <ul class="rows">{found.map((part) => <Item key={part.id} part={part} />)}</ul>
      <div class="actions">
        {component && <button type="button" class="button" onClick={() => void change({ component: null })} data-testid="component-drop">{t("report.part_drop")}</button>}
        <button type="button" class="button main" onClick={closePanel} data-testid="component-done">{t("report.place_done")}</button>
      </div>
    </section>
  );
}
