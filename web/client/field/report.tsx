/** Reporting: camera first, then place, then category; then what became of it. */
import { useEffect, useState } from "preact/hooks";
import type { Centre } from "../shared/api";
import { exact } from "../shared/format";
import { t, word } from "../shared/language";
import { PictureInput } from "../shared/parts/picture_input";
import { Banner } from "../shared/parts/states";
import { CategoryStep } from "./category_step";
import { PlaceStep } from "./place_step";
import { change, discardDraft, draft, lastSent, loadDraft } from "./report_draft";
import type { Kept } from "./outbox";
import { RefusalWords } from "./refusal";
import { Retake } from "./retake";
import { outbox, refused, unstored } from "./sending";

function PhotoStep() {
  const { pictures } = draft.value;
  return (
    <div class="stack">
      <p class="muted">{t("report.photo_hint")}</p>
      <div class="shooting"><PictureInput camera pictures={pictures} change={(taken) => change({ pictures: taken })}
        label={t(pictures.length ? "report.add" : "report.take")} /></div>
      <div class="actions">
        {pictures.length > 0 && <button type="button" class="button main" onClick={() => change({ step: 2 })} data-testid="next">{t("act.next")}</button>}
      </div>
    </div>
  );
}

/** The centre that the case went to; older receipts knew only the cell's. */
function centreOf({ receipt }: Kept): Pick<Centre, "name" | "level"> | null {
  const chosen = (receipt?.case as { centre?: Pick<Centre, "name" | "level"> | null } | undefined)?.centre;
  return chosen ?? receipt?.placement?.centre ?? null;
}

function Receipt({ id }: { id: string }) {
  const item = outbox.value.find((kept) => kept.id === id);
  const receipt = item?.receipt;
  const again = (
    <button type="button" class="button main" onClick={() => (lastSent.value = null)} data-testid="report-again">{t("report.again")}</button>
  );
  if (refused.value.some((kept) => kept.id === id)) {
    return (
      <section class="stack" data-testid="receipt-refused">
        <Banner kind="bad">{item && <RefusalWords item={item} />}</Banner>
        <a class="button main" href="#/outbox">{t("outbox.title")}</a>
      </section>
    );
  }
  if (!receipt) {
    return (
      <section class="stack" role="status" data-testid="receipt-waiting">
        <h1>{t("report.saved")}</h1>
        <p class="muted">{t("report.saved_more")}</p>
        {again}
      </section>
    );
  }
  const centre = centreOf(item);
  return (
    <section class="stack" role="status" data-testid="receipt">
      <h1>{t("report.done")}</h1>
      <p class="big" data-testid="receipt-no">{receipt.case.no}</p>
      <dl class="key">
        {receipt.placement && [
          <dt key="a">{t("report.done_where")}</dt>,
          <dd key="b" data-testid="receipt-place">{receipt.placement.line.slice(1).map((cell) => cell.name).join(" › ")}</dd>,
        ]}
        {centre && [
          <dt key="c">{t("report.done_centre")}</dt>,
          <dd key="d" data-testid="receipt-centre">{centre.name} · {word("level", centre.level)}</dd>,
        ]}
        {receipt.case.due_at && [<dt key="e">{t("report.done_due")}</dt>, <dd key="f">{exact(receipt.case.due_at)}</dd>]}
      </dl>
      {item.refusal && <Banner kind="bad"><RefusalWords item={item} /></Banner>}
      <Retake item={item} />
      {item.pictures.some((picture) => !picture.sent) && <p class="muted">{t("photo.waiting")}</p>}
      <a class="button" href={`#/mine/${receipt.case.no}`}>{t("act.open")}</a>
      {again}
    </section>
  );
}

function Discard() {
  const [sure, setSure] = useState(false);
  return (
    <button type="button" class="button plain danger" onClick={() => (sure ? discardDraft() : setSure(true))}>
      {t(sure ? "report.discard_sure" : "report.discard")}
    </button>
  );
}

export function Report() {
  useEffect(() => void loadDraft(), []);
  if (lastSent.value) return <Receipt id={lastSent.value} />;
  const { step, pictures, id } = draft.value;
  const before = refused.value.find((kept) => kept.id === id);
  return (
    <section class="stack">
      <header class="stepper">
        {step > 1 && <button type="button" class="button" onClick={() => change({ step: step === 3 ? 2 : 1 })}>{t("act.back")}</button>}
        <h1>{t(step === 1 ? "report.photo" : step === 2 ? "report.place" : "report.category")}</h1>
        <span class="caption">{t("report.steps", { n: step })}</span>
      </header>
      {unstored.value && <Banner kind="bad">{t("outbox.storage")}</Banner>}
      {before && <Banner kind="bad" testid="mending"><RefusalWords item={before} /></Banner>}
      {step === 1 ? <PhotoStep /> : step === 2 ? <PlaceStep /> : <CategoryStep />}
      {pictures.length > 0 && <Discard />}
    </section>
  );
}
