/** The frame of the desk: views, list and map, detail; the detail never covers the list's selection. */
import { Plus } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { loadCategories } from "../shared/catalogue";
import { signedOut } from "../shared/http";
import { t, word } from "../shared/language";
import { Icon } from "../shared/parts/icon";
import { LanguageSwitch, SignOutButton } from "../shared/parts/frame";
import { OfflineBanner } from "../shared/parts/states";
import { usePolling } from "../shared/polling";
import { may, ownCentre, session } from "../shared/session";
import { MapView } from "../shared/map/view";
import { items, refresh, refreshCounts } from "./cases";
import { Detail } from "./detail";
import { FilterBar } from "./filter_bar";
import { Keying } from "./keying";
import { onKey } from "./keys";
import { CaseList } from "./list";
import { NoticeBell } from "./notices";
import { detail, done, openCase, refreshCase } from "./opened";
import { beginAt, choose, chosen, filters, view } from "./place";
import { firstView, Views } from "./views";

const SHOW_MAP = "wangge_desk_map";

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
  usePolling(async () => {
    await Promise.allSettled([refresh(), refreshCounts(), refreshCase()]);
  }, 10, signedOut.value);
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

function DeskMap() {
  const spot = detail.value?.point ?? null;
  const all = detail.value && !items.value.some((item) => item.no === detail.value?.no) ? [...items.value, detail.value] : items.value;
  return <MapView area={ownCentre()} items={all} chosen={chosen.value} centre={spot} choose={choose} />;
}

export function Desk() {
  useDesk();
  const [keying, setKeying] = useState(false);
  const [map, setMap] = useState(localStorage.getItem(SHOW_MAP) !== "no" && matchMedia("(min-width: 700px)").matches);
  const toggle = (): void => {
    setMap(!map);
    localStorage.setItem(SHOW_MAP, map ? "no" : "yes");
  };
  return (
    <div class={`desk ${chosen.value ? "opened" : ""}`}>
      <a class="skip" href="#detail">{t("desk.list")} → {t("act.open")}</a>
      <header class="topbar">
        <h1 class="hidden">{t("desk.title")}</h1>
        <Who />
        {may("report") && (
          <button type="button" class="button" onClick={() => setKeying(true)} data-testid="new-case"><Icon of={Plus} />{t("desk.new")}</button>
        )}
        {may("see_statistics") && <a class="button plain" href="/leadership">{t("lead.title")}</a>}
        <NoticeBell />
        <LanguageSwitch />
        <SignOutButton />
      </header>
      <Views />
      <main class="work">
        <div class="middle">
          <OfflineBanner />
          <FilterBar map={map} toggleMap={toggle} />
          <CaseList />
          {map && <div class="deskmap"><DeskMap /></div>}
        </div>
        <section class="detail" id="detail" aria-label={t("lead.story")}><Detail /></section>
      </main>
      <p class="hidden" role="status" data-testid="done">{done.value.words}</p>
      {keying && <Keying close={() => setKeying(false)} />}
    </div>
  );
}
