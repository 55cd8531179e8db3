/** Reports put aside: opened again, or thrown away. */
import { useState } from "preact/hooks";
import { categoryName } from "../../shared/case/words";
import { findCategory } from "../../shared/catalogue";
import { brief } from "../../shared/format";
import { t } from "../../shared/language";
import { Empty } from "../../shared/parts/states";
import type { Heads } from "../outbox/kinds";
import { aside, discardDraft, openDraft } from "./draft";
import type { ReportForm } from "./form";
import { closePanel } from "./panels";

type Head = Heads<ReportForm>;

function title({ category_code, description }: Head): string {
  const category = findCategory(category_code);
  return category ? categoryName(category) : (description ?? "").slice(0, 30) || t("case.no_category");
}

function Row({ one }: { one: Head }) {
  const [sure, setSure] = useState(false);
  return (
    <li class="panel stack tight" data-testid="draft-item" data-id={one.id}>
      <p class="strong">{title(one)}</p>
      <p class="caption">{brief(one.changed_at)} · {t("outbox.photos", { n: one.pictures.length })}</p>
      <div class="buttons">
        <button type="button" class="button" onClick={() => void openDraft(one.id).then(closePanel)} data-testid="draft-open">{t("report.draft_open")}</button>
        <button type="button" class="button danger" onClick={() => (sure ? void discardDraft(one.id) : setSure(true))}>{t(sure ? "report.discard_sure" : "report.discard")}</button>
      </div>
    </li>
  );
}

export function DraftsPanel() {
  return (
    <section class="panelroom">
      <h1 tabIndex={-1}>{t("report.drafts_title")}</h1>
      {aside.value.length ? <ul class="stack">{aside.value.map((one) => <Row key={one.id} one={one} />)}</ul> : <Empty>{t("report.drafts_none")}</Empty>}
      <div class="actions"><button type="button" class="button" onClick={closePanel}>{t("act.back")}</button></div>
    </section>
  );
}
