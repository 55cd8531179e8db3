/** Reporting on one page: photos, place, category, words; what is lacking is said when it is sent. */
import { CirclePlus, Puzzle, Send, Zap } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { findCategory } from "../../shared/catalogue";
import { count } from "../../shared/format";
import { online } from "../../shared/http";
import { t } from "../../shared/language";
import { Icon } from "../../shared/parts/icon";
import { Banner } from "../../shared/parts/states";
import { unstored } from "../outbox/items";
import { RefusalWords } from "../outbox/refusal";
import { lazily } from "../later";
import { route } from "../route";
import { CategoryPart, ClassPanel } from "./category";
import { aside, change, discardDraft, draft, handing, lastSent, loadDraft, sendDraft, setAside, settled } from "./draft";
import { GAP, type Lack, lacks, maySettle, type ReportForm } from "./form";
import { openPanel } from "./panels";
import { FirstPhoto, Photos } from "./photos";
import { isPoor, Place } from "./place";
import { Receipt } from "./receipt";
import { judgePlace, lookIfNeeded, looking, stopLooking } from "./where";
import { Words } from "./words";
import "./report.css";

/** Looking begins with the report, whatever is entered meanwhile. */
function usePlace(): void {
  const { spot, id } = draft.value;
  const sent = lastSent.value;
  useEffect(() => {
    if (!sent) lookIfNeeded();
    return stopLooking;
  }, [id, sent]);
  useEffect(() => judgePlace(spot), [spot?.lon, spot?.lat, spot?.by_hand, id, online.value]);
}

/** Beside the photos, which it parts; the category decides once it is chosen. */
function Settled() {
  const { self_handled, category_code } = draft.value;
  if (!self_handled && !maySettle(findCategory(category_code))) return null;
  return (
    <label class="choice"><input type="checkbox" checked={self_handled} data-testid="self-handled"
      onChange={(event) => void change({ self_handled: event.currentTarget.checked })} />
      <span>{t("report.settled")}{self_handled && <span class="caption"><br />{t("report.settled_more")}</span>}</span>
    </label>
  );
}

function Extras() {
  const { component } = draft.value;
  return (
    <section class="stack tight" aria-label={t("report.more")}>
      <button type="button" class={`button wide ${component ? "chosen" : ""}`} onClick={() => openPanel("component")} data-testid="component-pick">
        <Icon of={Puzzle} />{component ? t("report.part_chosen", { name: component.name || component.id }) : t("report.part_pick")}
      </button>
    </section>
  );
}

/** The way to the others, where there are any. */
function DraftsDoor() {
  if (!aside.value.length) return null;
  return <button type="button" class="button" onClick={() => openPanel("drafts")} data-testid="drafts">{t("report.drafts", { n: count(aside.value.length) })}</button>;
}

function Aside() {
  const [sure, setSure] = useState(false);
  return (
    <div class="buttons">
      <button type="button" class="button" onClick={() => void setAside()} data-testid="save-draft"><Icon of={CirclePlus} />{t("report.set_aside")}</button>
      <button type="button" class="button plain danger" onClick={() => (sure ? void discardDraft() : setSure(true))} data-testid="discard">
        {t(sure ? "report.discard_sure" : "report.discard")}
      </button>
    </div>
  );
}

/** Still looking for a position that is good enough: sending can wait for it by itself. */
function awaitsPlace(): boolean {
  const { spot } = draft.value;
  return looking.value?.state === "looking" && (!spot || isPoor(spot));
}

function lacking(form: ReportForm): Lack[] {
  return lacks(form, findCategory(form.category_code)).filter((lack) => lack !== "place" || !awaitsPlace());
}

/** A quick report lacks no category. */
function asAsked(form: ReportForm, how: "send" | "quick" | null): ReportForm {
  return how === "quick" ? { ...form, category_later: true } : form;
}

/** Sends at once, or as soon as the position is there; `asked`: with the category chosen, or left to the centre. */
function useSending() {
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState<"send" | "quick" | null>(null);
  // what was asked for when something was lacking
  const [told, setTold] = useState<"send" | "quick" | null>(null);
  // the words as they stood when it was said that a blank of theirs is not filled
  const [gap, setGap] = useState<string | null>(null);
  const waits = awaitsPlace();
  const { id } = draft.value;
  const send = async (how: "send" | "quick"): Promise<void> => {
    const form = asAsked(draft.value, how);
    const found = lacking(form);
    setTold(found.length > 0 ? how : null);
    if (found.length || busy) return setAsked(null);
    if (form.description.includes(GAP) && gap !== form.description) return setGap(form.description);
    if (awaitsPlace()) return setAsked(how);
    setAsked(null);
    setBusy(true);
    try {
      // with all photos chosen; one of them may turn out to be none
      if (!(await settled())) return;
      if (how === "quick") await change({ category_later: true });
      setTold((await sendDraft()) ? null : how);
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    setTold(null);
    setAsked(null);
    setGap(null);
  }, [id]);
  useEffect(() => {
    if (!asked || waits) return;
    // the time was over with a rough position: that is for the person to judge
    if (isPoor(draft.value.spot)) setAsked(null);
    else void send(asked);
  }, [asked, waits]);
  return { busy, asked, told, gap: gap === draft.value.description && !asked, send, cancel: () => setAsked(null) };
}

function SendBar() {
  const { busy, asked, told, gap, send, cancel } = useSending();
  const form = draft.value;
  const found = lacking(form);
  const lacked = told ? lacking(asAsked(form, told)) : [];
  const quick = !form.category_code && !form.category_later;
  return (
    <div class="sendbar">
      <div role="alert">
        {lacked.length > 0 && <p class="fault" data-testid="lacks">{lacked.map((lack) => t(`report.lack_${lack}`)).join(" ")}</p>}
        {gap && <p class="fault" data-testid="gap-told">{t("report.gap_send")}</p>}
      </div>
      {asked ? (
        <div class="row-line" data-testid="send-waits">
          <p class="grow" role="status">{t("report.send_waits")}</p>
          <button type="button" class="button" onClick={cancel}>{t("act.cancel")}</button>
        </div>
      ) : (
        <div class="actions">
          {quick && (
            <button type="button" class="button" disabled={busy} onClick={() => void send("quick")} data-testid="quick-report">
              <Icon of={Zap} /><span>{t("report.quick")}<span class="caption"><br />{t("report.quick_more")}</span></span>
            </button>
          )}
          <button type="button" class={`button ${quick ? "" : "main"}`} aria-disabled={found.length > 0} disabled={busy} onClick={() => void send("send")} data-testid="send-report">
            <Icon of={Send} />{t("report.send")}
          </button>
        </div>
      )}
    </div>
  );
}

function Page() {
  const { pictures, refusal } = draft.value;
  return (
    <section class="report" inert={handing.value}>
      <header class={pictures.length && !aside.value.length ? "hidden" : "stepper"}><h1 tabIndex={-1}>{t("report.title")}</h1><DraftsDoor /></header>
      {unstored.value && <Banner kind="bad">{t("outbox.storage")}</Banner>}
      {refusal && <Banner kind="bad" testid="mending"><RefusalWords item={{ refusal, state: "refused", pictures }} /></Banner>}
      {!pictures.length && !draft.value.self_handled ? <><Place /><FirstPhoto /></> : (
        <>
          <Photos />
          <Settled />
          <Place />
          <CategoryPart />
          <Words />
          <Extras />
          <Aside />
          <SendBar />
        </>
      )}
    </section>
  );
}

const PlacePanel = lazily(() => import("./place_panel").then((module) => module.PlacePanel));
const DraftsPanel = lazily(() => import("./drafts").then((module) => module.DraftsPanel));
const ComponentPanel = lazily(() => import("./component").then((module) => module.ComponentPanel));

function Shown({ panel }: { panel: string | null }) {
  if (panel === "place") return <PlacePanel />;
  if (panel === "drafts") return <DraftsPanel />;
  if (panel === "component") return <ComponentPanel />;
  if (panel?.startsWith("class-")) return <ClassPanel code={panel.slice(6)} />;
  return lastSent.value ? <Receipt id={lastSent.value} /> : <Page />;
}

export function Report() {
  const [ready, setReady] = useState(false);
  const room = useRef<HTMLDivElement>(null);
  const panel = route.value.no;
  const step = panel ?? (lastSent.value ? "receipt" : "page");
  const before = useRef(step);
  useEffect(() => void loadDraft().finally(() => setReady(true)), []);
  usePlace();
  // who reads with the ears hears where a step has led
  useEffect(() => {
    if (before.current !== step) room.current?.querySelector("h1")?.focus({ preventScroll: step === "page" });
    before.current = step;
  }, [step]);
  return <div class="reporting" ref={room} data-ready={ready}><Shown panel={panel} /></div>;
}
