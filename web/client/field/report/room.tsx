/** Reporting on one page: photos, place, category, words; what is lacking is said when it is sent. */
import { CirclePlus, Puzzle, Send, Zap } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { findCategory } from "../../shared/catalogue";
import { t } from "../../shared/language";
import { Icon } from "../../shared/parts/icon";
import { Banner } from "../../shared/parts/states";
import { unstored } from "../outbox/items";
import { RefusalWords } from "../outbox/refusal";
import { lazily } from "../later";
import { route } from "../route";
import { CategoryPart, ClassPanel } from "./category";
import { aside, change, discardDraft, draft, lastSent, loadDraft, sendDraft, setAside } from "./draft";
import { DraftsDoor, DraftsPanel } from "./drafts";
import { type Lack, lacks, maySettle } from "./form";
import { openPanel } from "./panels";
import { FirstPhoto, Photos } from "./photos";
import { Place, PlacePanel } from "./place";
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
  useEffect(() => judgePlace(spot), [spot?.lon, spot?.lat, spot?.by_hand, id]);
}

function Extras() {
  const { component, self_handled, category_code, category_later } = draft.value;
  const category = findCategory(category_code);
  const settled = maySettle(category) && !category_later;
  return (
    <section class="stack tight" aria-label={t("report.more")}>
      <button type="button" class={`button wide ${component ? "chosen" : ""}`} onClick={() => openPanel("component")} data-testid="component-pick">
        <Icon of={Puzzle} />{component ? t("report.part_chosen", { name: component.name || component.id }) : t("report.part_pick")}
      </button>
      {(settled || self_handled) && (
        <label class="choice"><input type="checkbox" checked={self_handled} data-testid="self-handled"
          onChange={(event) => void change({ self_handled: event.currentTarget.checked })} />
          <span>{t("report.settled")}<span class="caption"><br />{t("report.settled_more")}</span></span>
        </label>
      )}
    </section>
  );
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

/** Says what is lacking and leads there. */
function lackWords(found: Lack[]): string {
  if (found[0] === "place" && looking.value?.state === "looking") return t("report.lack_locating");
  return found.map((lack) => t(`report.lack_${lack}`)).join(" ");
}

function SendBar() {
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState(false);
  const form = draft.value;
  const found = lacks(form);
  const quick = !form.category_code && !form.category_later;
  useEffect(() => setTold(false), [form.id]);
  const send = async (later: boolean): Promise<void> => {
    const lacking = lacks(later ? { ...form, category_later: true } : form);
    setTold(lacking.length > 0);
    if (lacking.length || busy) return;
    setBusy(true);
    try {
      if (later) await change({ category_later: true });
      await sendDraft();
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="sendbar">
      <div role="alert">{told && found.length > 0 && <p class="fault" data-testid="lacks">{lackWords(found)}</p>}</div>
      <div class="actions">
        {quick && (
          <button type="button" class="button" disabled={busy} onClick={() => void send(true)} data-testid="quick-report">
            <Icon of={Zap} /><span>{t("report.quick")}<span class="caption"><br />{t("report.quick_more")}</span></span>
          </button>
        )}
        <button type="button" class={`button ${quick ? "" : "main"}`} aria-disabled={found.length > 0} disabled={busy} onClick={() => void send(false)} data-testid="send-report">
          <Icon of={Send} />{t("report.send")}
        </button>
      </div>
    </div>
  );
}

function Page() {
  const { pictures, refusal } = draft.value;
  return (
    <section class="report">
      <header class={pictures.length && !aside.value.length ? "hidden" : "stepper"}><h1 tabIndex={-1}>{t("report.title")}</h1><DraftsDoor /></header>
      {unstored.value && <Banner kind="bad">{t("outbox.storage")}</Banner>}
      {refusal && <Banner kind="bad" testid="mending"><RefusalWords item={{ refusal, state: "refused", pictures }} /></Banner>}
      {!pictures.length && !draft.value.self_handled ? <><Place /><FirstPhoto /></> : (
        <>
          <Photos />
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
