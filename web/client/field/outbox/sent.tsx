/** What the server has confirmed: the newest receipts, all of them as files, and clearing them. */
import { useEffect, useState } from "preact/hooks";
import { count, exact } from "../../shared/format";
import { t } from "../../shared/language";
import { session } from "../../shared/session";
import { arrived } from "./items";
import type { Receipt } from "./kinds";
import { clearLog, readLog, saveLog } from "./log";
import { kindWords } from "./words";

const SHOWN = 20;

function Line({ receipt }: { receipt: Receipt }) {
  const altered = receipt.photos.filter((photo) => photo.same === false).length;
  return (
    <li class="row" data-testid="receipt-line">
      <span class="first"><span class="strong">{receipt.no ?? kindWords(receipt.kind)}</span><span class="kind">{kindWords(receipt.kind)}</span></span>
      <span class="caption">{t("outbox.log_line", { sent: exact(receipt.sent_at), received: exact(receipt.received_at), n: receipt.photos.length })}</span>
      {altered > 0 && <span class="fault">{t("outbox.log_altered", { n: altered })}</span>}
    </li>
  );
}

export function Sent() {
  const [all, setAll] = useState<Receipt[]>([]);
  const [sure, setSure] = useState(false);
  const person = session.value?.person.id ?? 0;
  const load = (): void => void readLog(person).then(setAll, () => setAll([]));
  useEffect(load, [person, arrived.value]);
  if (!all.length) return null;
  const clear = async (): Promise<void> => {
    if (!sure) return setSure(true);
    await clearLog(all);
    setSure(false);
    load();
  };
  return (
    <section class="stack" data-testid="sent-log">
      <h2>{t("outbox.log", { n: count(all.length) })}</h2>
      <p class="muted">{t("outbox.log_more")}</p>
      <ul class="rows">{all.slice(0, SHOWN).map((receipt) => <Line key={receipt.id} receipt={receipt} />)}</ul>
      {all.length > SHOWN && <p class="caption">{t("outbox.log_rest", { n: count(all.length - SHOWN) })}</p>}
      <div class="buttons">
        <button type="button" class="button" onClick={() => void saveLog(person)} data-testid="save-log">{t("outbox.log_save")}</button>
        <button type="button" class="button danger" onClick={() => void clear()} data-testid="clear-log">{t(sure ? "outbox.log_clear_sure" : "outbox.log_clear")}</button>
      </div>
    </section>
  );
}
