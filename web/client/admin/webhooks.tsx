/** Addresses of other systems: add (the secret is shown once), test, change, disable. */
import { useState } from "preact/hooks";
import { call, post } from "../shared/http";
import { t } from "../shared/language";
import { Empty, Failure, Loading } from "../shared/parts/states";
import type { Webhook } from "./api";
import { usePages } from "./asking";
import { noticeWords } from "./kinds";
import { Secret } from "./secret";
import { useSending } from "./sending";
import { Done, MoreButton, Refused } from "./told";
import { WebhookForm } from "./webhook_form";

interface RowProps {
  hook: Webhook;
  load: () => Promise<void>;
  edit: () => void;
}

function Row({ hook, load, edit }: RowProps) {
  const sending = useSending();
  const [told, setTold] = useState("");
  const test = async (): Promise<void> => {
    await sending.send(async () => {
      await post(`webhooks/${hook.id}/test`, {});
      setTold(t("hook.tested"));
    });
  };
  const toggle = async (): Promise<void> => {
    await sending.send(async () => void (await call("PATCH", `webhooks/${hook.id}`, { body: { version: hook.version, disabled: !hook.disabled_at } })));
    await load();
  };
  return (
    <li class="hook" data-webhook={hook.id}>
      <div class="heading">
        <strong>{hook.name}</strong>
        <span class={hook.disabled_at ? "mark" : "mark green"}>{hook.disabled_at ? t("hook.off") : `● ${t("hook.on")}`}</span>
        <span class="caption">{hook.centre.name} · {hook.kinds ? hook.kinds.map(noticeWords).join(" · ") : t("hook.all_kinds")}</span>
      </div>
      <p class="address"><code>{hook.url}</code></p>
      <Refused error={sending.error} stale={t("hook.stale")} />
      <Done words={told} />
      <div class="buttons">
        <button type="button" class="button small" disabled={sending.busy || hook.disabled_at !== null} onClick={() => void test()} data-testid="test-webhook">{t("hook.test")}</button>
        <button type="button" class="button small" onClick={edit}>{t("hook.edit")}</button>
        <button type="button" class={`button small ${hook.disabled_at ? "" : "danger"}`} disabled={sending.busy} onClick={() => void toggle()} data-testid="toggle-webhook">
          {t(hook.disabled_at ? "hook.enable" : "hook.disable")}
        </button>
      </div>
    </li>
  );
}

export function Webhooks() {
  const list = usePages<Webhook>("webhooks");
  const [open, setOpen] = useState<"new" | number | null>(null);
  const [made, setMade] = useState<Webhook | null>(null);
  const saved = async (hook: Webhook): Promise<void> => {
    setOpen(null);
    if (hook.secret) setMade(hook);
    await list.load();
  };
  return (
    <section class="panel fields" aria-labelledby="webhooks-title">
      <div class="heading">
        <h2 id="webhooks-title">{t("hook.title")}</h2>
        <button type="button" class="button" aria-expanded={open === "new"} onClick={() => setOpen(open === "new" ? null : "new")} data-testid="add-webhook">{t("hook.add")}</button>
      </div>
      <p class="caption">{t("hook.hint")}</p>
      {made?.secret && <Secret name={made.name} secret={made.secret} close={() => setMade(null)} />}
      {open === "new" && <WebhookForm hook={null} reload={list.load} saved={saved} close={() => setOpen(null)} />}
      {list.error && !list.items ? <Failure error={list.error} retry={() => void list.load()} /> : null}
      {!list.items && !list.error && <Loading />}
      {list.items?.length === 0 && <Empty>{t("hook.empty")}</Empty>}
      {list.items && list.items.length > 0 && (
        <ul class="hooks" data-testid="webhooks">
          {list.items.map((hook) => (open === hook.id
            ? <li key={hook.id}><WebhookForm hook={hook} reload={list.load} saved={saved} close={() => setOpen(null)} /></li>
            : <Row key={hook.id} hook={hook} load={list.load} edit={() => setOpen(hook.id)} />))}
        </ul>
      )}
      <MoreButton next={list.next} more={list.more} />
    </section>
  );
}
