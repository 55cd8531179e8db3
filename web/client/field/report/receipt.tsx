/** What became of the report just sent: kept on the phone, on its way, delivered with its number, or refused. */
import { CirclePlus } from "lucide";
import type { Centre } from "../../shared/api";
import { exact } from "../../shared/format";
import { online } from "../../shared/http";
import { t, word } from "../../shared/language";
import { Icon } from "../../shared/parts/icon";
import { Banner } from "../../shared/parts/states";
import { isHeld, outbox, progress, refused } from "../outbox/items";
import type { Kept } from "../outbox/kinds";
import { RefusalWords } from "../outbox/refusal";
import { Retake } from "../outbox/retake";
import { lastSent } from "./draft";

function Again() {
  return (
    <div class="actions">
      <button type="button" class="button main tall" onClick={() => (lastSent.value = null)} data-testid="report-again"><Icon of={CirclePlus} />{t("report.again")}</button>
    </div>
  );
}

/** The centre that the case went to; older receipts knew only the cell's. */
function centreOf({ receipt }: Kept): Pick<Centre, "name" | "level"> | null {
  const chosen = (receipt?.case as { centre?: Pick<Centre, "name" | "level"> | null } | undefined)?.centre;
  return chosen ?? receipt?.placement?.centre ?? null;
}

/** On the phone, and not with the server: the words say so. */
function Saved({ id, item }: { id: string; item: Kept | undefined }) {
  const lost = item !== undefined && isHeld(id);
  const percent = progress.value?.id === id ? progress.value.percent : null;
  return (
    <section class="stack" role="status" data-testid="receipt-waiting">
      <h1 tabIndex={-1}>{t(lost ? "report.only_here" : "report.saved")}</h1>
      {lost ? <Banner kind="bad">{t("outbox.storage")}</Banner> : <p>{t("report.not_delivered")}</p>}
      <p class="muted">{percent === null ? t(online.value ? "report.saved_soon" : "report.saved_more") : t("report.sending_n", { n: Math.round(percent) })}</p>
    </section>
  );
}

function Delivered({ item }: { item: Kept }) {
  const { receipt } = item;
  const centre = centreOf(item);
  const late = item.pictures.filter(({ sent }) => !sent).length;
  return (
    <section class="stack" role="status" data-testid="receipt">
      <h1 tabIndex={-1}>{t("report.done")}</h1>
      <p class="big" data-testid="receipt-no">{receipt!.case.no}</p>
      <dl class="key">
        {receipt!.placement && [
          <dt key="a">{t("report.done_where")}</dt>,
          <dd key="b" data-testid="receipt-place">{receipt!.placement.line.slice(1).map((cell) => cell.name).join(" › ")}</dd>,
        ]}
        {centre && [
          <dt key="c">{t("report.done_centre")}</dt>,
          <dd key="d" data-testid="receipt-centre">{centre.name} · {word("level", centre.level)}</dd>,
        ]}
        {receipt!.case.due_at && [<dt key="e">{t("report.done_due")}</dt>, <dd key="f">{exact(receipt!.case.due_at)}</dd>]}
      </dl>
      {item.refusal && <Banner kind="bad"><RefusalWords item={item} /></Banner>}
      <Retake item={item} />
      {late > 0 && <p class="muted" data-testid="photos-late">{t("report.photos_late", { n: late })}</p>}
      <a class="button" href={`#/mine/${receipt!.case.no}`}>{t("act.open")}</a>
    </section>
  );
}

export function Receipt({ id }: { id: string }) {
  const item = outbox.value.find((kept) => kept.id === id);
  if (item && refused.value.includes(item)) {
    return (
      <>
        <section class="stack" data-testid="receipt-refused">
          <h1 tabIndex={-1}>{t("report.refused")}</h1>
          <Banner kind="bad"><RefusalWords item={item} /></Banner>
          <a class="button main" href="#/outbox">{t("outbox.title")}</a>
        </section>
        <Again />
      </>
    );
  }
  return <>{item?.receipt ? <Delivered item={item} /> : <Saved id={id} item={item} />}<Again /></>;
}
