/** The frame of the desk: views, list and map, detail; the detail never covers the list's selection. */
import { ArrowRight, Plus } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { loadCategories } from "../shared/catalogue";
import { signedOut } from "../shared/http";
import { t, word } from "../shared/language";
import { Icon } from "../shared/parts/icon";
import { LanguageSwitch, SignOutButton } from "../shared/parts/frame";
import { OfflineBanner, why } from "../shared/parts/states";
import { calmly, usePolling } from "../shared/polling";
import { holds, may, ownCentre, session } from "../shared/session";
import { live, useStream } from "../shared/stream";
import { MapView } from "../shared/map/view";
import { takeNext } from "./claims";
import { items, listQuery, refresh, refreshCounts } from "./cases";
import { Detail } from "./detail";
import { FilterBar } from "./filter_bar";
import { Keying } from "./keying";
import { onKey } from "./keys";
import { CaseList } from "./list";
import { NoticeBell } from "./notices";
import { detail, done, openCase, refreshCase } from "./opened";
import { PatrolPage } from "./patrol/page";
import { acting, beginAt, choose, chosen, filters, PATROL, view } from "./place";
import { firstView, Views } from "./views";

const SHOW_MAP = "wangge_desk_map";
const ROOMY = "(min-width: 700px) and (min-height: 600px)";
const POLL_SECONDS = 10;
const POLL_LIVE_SECONDS = 120;
/** In a storm of events the list is asked so often at most. */
const CALM_MS = 2_000;

const refreshList = calmly(() => void Promise.allSettled([refresh(), refreshCounts()]), CALM_MS);

async function refreshAll(): Promise<void> {
  await Promise.allSettled([refresh(), refreshCounts(), refreshCase()]);
}

function useDesk(): void {
  useEffect(() => {
    beginAt(firstView());
    loadCategories().catch(() => undefined);
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  useEffect(() => void refresh(), [view.value, filters.value]);
  useEffect(() => {
    if (chosen.value) void openCase(chosen.value);
    else detail.value = null;
  }, [chosen.value]);
  useStream({
    opened: () => void refreshAll(),
    changed: ({ no, version }) => {
      refreshList();
      if (no === detail.value?.no && version >= detail.value.version) void refreshCase().catch(() => undefined);
    },
  }, !signedOut.value);
  usePolling(refreshAll, live.value ? POLL_LIVE_SECONDS : POLL_SECONDS, signedOut.value);
}

/** Takes the next case of this view from the pool, so that two people never begin with the same one. */
function NextCase() {
  const [told, setTold] = useState("");
  const next = async (): Promise<void> => {
    const { sort: _, ...query } = listQuery();
    try {
      const no = await takeNext(query);
      setTold(no ? "" : t("claim.none"));
      if (no) choose(no);
    } catch (failure) {
      setTold(why(failure));
    }
  };
  return (
    <>
      <button type="button" class="button" onClick={() => void next()} data-testid="next-case"><Icon of={ArrowRight} /><span class="wordy">{t("claim.next")}</span></button>
      <span class={told ? "caption" : "hidden"} role="status">{told}</span>
    </>
  );
}

function LiveMark() {
  return (
    <span class={`livemark ${live.value ? "on" : ""}`} title={t(live.value ? "live.on" : "live.off")} data-testid="live" data-live={live.value ? "yes" : "no"}>
      <span aria-hidden="true">●</span><span class="hidden">{t(live.value ? "live.on" : "live.off")}</span>
    </span>
  );
}

function Who() {
  const seats = session.value?.roles ?? [];
  return (
    <span class="grow who">
      <span class="strong">{ownCentre()?.name ?? t("desk.title")}</span>{" "}
      <span class="muted">{session.value?.person.name} · {[...new Set(seats.map((seat) => word("role", seat.role)))].join(", ")}</span>
    </span>
  );
}

/** Who has a queue of their own to work off. */
function worksCases(): boolean {
  return (["acceptor", "shift_lead", "dispatcher", "handler"] as const).some(holds);
}

function DeskMap() {
  const spot = detail.value?.point ?? null;
  const all = detail.value && !items.value.some((item) => item.no === detail.value?.no) ? [...items.value, detail.value] : items.value;
  return <MapView area={ownCentre()} items={all} chosen={chosen.value} centre={spot} choose={choose} />;
}

/** The map is shown unless it was put away; a small window begins without it, and folds it when it becomes one. */
function useMap() {
  const roomy = matchMedia(ROOMY);
  const wanted = (): boolean => localStorage.getItem(SHOW_MAP) !== "no";
  const [map, setMap] = useState(wanted() && roomy.matches);
  useEffect(() => {
    const follow = (): void => setMap(roomy.matches && wanted());
    roomy.addEventListener("change", follow);
    return () => roomy.removeEventListener("change", follow);
  }, []);
  return [map, setMap] as const;
}

function Work({ map, toggleMap }: { map: boolean; toggleMap: () => void }) {
  return (
    <main class="work">
      <div class="middle">
        <OfflineBanner />
        <FilterBar map={map} toggleMap={toggleMap} />
        <CaseList />
        {map && <div class="deskmap"><DeskMap /></div>}
      </div>
      <section class="detail" id="detail" aria-label={t("lead.story")}><Detail /></section>
    </main>
  );
}

export function Desk() {
  useDesk();
  const [keying, setKeying] = useState(false);
  const [map, setMap] = useMap();
  const patrol = view.value === PATROL;
  const toggle = (): void => {
    setMap(!map);
    localStorage.setItem(SHOW_MAP, map ? "no" : "yes");
  };
  return (
    <div class={`desk ${(chosen.value || acting.value) && !patrol ? "opened" : ""}`}>
      {patrol
        ? <a class="skip" href="#patrol">{t("view.patrol")}</a>
        : <a class="skip" href="#detail">{t("desk.list")} → {t("act.open")}</a>}
      <header class="topbar">
        <h1 class="hidden">{t("desk.title")}</h1>
        <Who />
        {may("report") && (
          <button type="button" class="button" onClick={() => setKeying(true)} data-testid="new-case"><Icon of={Plus} /><span class="wordy">{t("desk.new")}</span></button>
        )}
        {may("see_statistics") && <a class="button plain" href="/leadership">{t("lead.title")}</a>}
        {worksCases() && <NextCase />}
        <LiveMark />
        <NoticeBell />
        <LanguageSwitch />
        <SignOutButton />
      </header>
      <Views />
      {patrol ? <PatrolPage /> : <Work map={map} toggleMap={toggle} />}
      <p class="hidden" role="status" data-testid="done">{done.value.words}</p>
      {keying && <Keying close={() => setKeying(false)} />}
    </div>
  );
}
