/** Messages that leave the house: where to, which were given up, which wait. */
import { useState } from "preact/hooks";
import { brief, count, exact } from "../shared/format";
import { post } from "../shared/http";
import { either, t, word } from "../shared/language";
import { Empty, Failure, Loading } from "../shared/parts/states";
import { usePolling } from "../shared/polling";
import type { Delivery, DeliveryState } from "./api";
import { usePages } from "./asking";
import { noticeWords } from "./kinds";
import { useSending } from "./sending";
import { Done, MoreButton, Refused } from "./told";
import { Webhooks } from "./webhooks";
import { TableBox } from "./table_box";

const STATES = ["dead", "waiting", "sending", "sent", "withdrawn"] as const;

function receiverOf(delivery: Delivery): string {
  return delivery.receiver.name ?? delivery.receiver.address ?? "—";
}

function kindsOf(delivery: Delivery): string {
  return Object.entries(delivery.kinds).map(([kind, n]) => (n > 1 ? `${noticeWords(kind)} ×${count(n)}` : noticeWords(kind))).join(" · ");
}

function When({ delivery }: { delivery: Delivery }) {
  if (delivery.sent_at) return <time title={exact(delivery.sent_at)}>{t("out.sent_at", { at: brief(delivery.sent_at) })}</time>;
  if (delivery.state === "waiting" || delivery.state === "sending") return <time title={exact(delivery.due_at)}>{t("out.due_at", { at: brief(delivery.due_at) })}</time>;
  return <time title={exact(delivery.created_at)}>{brief(delivery.created_at)}</time>;
}

function Row({ delivery, busy, resend }: { delivery: Delivery; busy: boolean; resend: (delivery: Delivery) => void }) {
  return (
    <tr data-delivery={delivery.id}>
      <th scope="row" class="wrap" title={delivery.receiver.address ?? ""}>{word("channel", delivery.channel)} · {receiverOf(delivery)}</th>
      <td class="wrap">{delivery.notices ? t("out.notices", { n: count(delivery.notices) }) : t("out.test")}<span class="caption"> {kindsOf(delivery)}</span></td>
      <td class="number">{delivery.attempts}</td>
      <td><When delivery={delivery} /></td>
      <td class="wrap"><span class="error">{either(delivery.trouble?.zh, delivery.trouble?.en)}</span><span class="caption"> {delivery.error ?? ""}</span></td>
      <td>
        {delivery.state === "dead" && (
          <button type="button" class="button small" disabled={busy} onClick={() => resend(delivery)} aria-label={t("out.resend_to", { name: receiverOf(delivery) })} data-testid="resend">{t("out.resend")}</button>
        )}
      </td>
    </tr>
  );
}

function Deliveries() {
  const [state, setState] = useState<DeliveryState>("dead");
  const list = usePages<Delivery>("deliveries", { state });
  const sending = useSending();
  const [told, setTold] = useState("");
  usePolling(list.load, 15, state);
  const resend = async (delivery: Delivery): Promise<void> => {
    await sending.send(async () => {
      await post(`deliveries/${delivery.id}/resend`, {});
      setTold(t("out.resent", { name: receiverOf(delivery) }));
      await list.load();
    });
  };
  return (
    <section class="panel fields" aria-labelledby="deliveries-title">
      <h2 id="deliveries-title">{t("out.messages")}</h2>
      <div class="buttons" role="group" aria-label={t("out.state")}>
        {STATES.map((one) => (
          <button key={one} type="button" class={`button ${state === one ? "chosen" : ""}`} aria-pressed={state === one} onClick={() => (setState(one), setTold(""))} data-testid={`state-${one}`}>{t(`out.${one}`)}</button>
        ))}
      </div>
      <p class="caption">{t(`out.${state}_hint`)}</p>
      <Refused error={sending.error} />
      <Done words={told} />
      {list.error && !list.items ? <Failure error={list.error} retry={() => void list.load()} /> : null}
      {!list.items && !list.error && <Loading />}
      {list.items?.length === 0 && <Empty>{t(`out.${state}_empty`)}</Empty>}
      {list.items && list.items.length > 0 && (
        <TableBox label={t("out.messages")}>
          <table class="table top" aria-labelledby="deliveries-title" data-testid="deliveries">
            <thead>
              <tr>
                <th scope="col">{t("out.receiver")}</th><th scope="col">{t("out.what")}</th><th scope="col" class="number">{t("out.attempts")}</th><th scope="col">{t("out.when")}</th>
                <th scope="col">{t("out.error")}</th><th scope="col"><span class="hidden">{t("dep.actions")}</span></th>
              </tr>
            </thead>
            <tbody>{list.items.map((one) => <Row key={one.id} delivery={one} busy={sending.busy} resend={(delivery) => void resend(delivery)} />)}</tbody>
          </table>
        </TableBox>
      )}
      <MoreButton next={list.next} more={list.more} />
    </section>
  );
}

export function OutgoingPart() {
  return (
    <>
      <Deliveries />
      <Webhooks />
    </>
  );
}
