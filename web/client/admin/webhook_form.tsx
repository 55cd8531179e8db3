/** Adding or changing a webhook: name, address, whose notices, which kinds. */
import { useState } from "preact/hooks";
import { call, post } from "../shared/http";
import { t } from "../shared/language";
import { TextField } from "../shared/parts/fields";
import { ownCentre } from "../shared/session";
import type { Webhook } from "./api";
import { useDraft } from "./asking";
import { NOTICE_KINDS, noticeWords } from "./kinds";
import { type Choice, findCells, SearchPick } from "./search_pick";
import { useSending } from "./sending";
import { faultOn, Refused } from "./told";

interface Typed {
  name: string;
  url: string;
  centre: Choice | null;
  all: boolean;
  kinds: string[];
}

function first(hook: Webhook | null): Typed {
  if (hook) return { name: hook.name, url: hook.url, centre: { code: hook.centre.code, name: hook.centre.name }, all: hook.kinds === null, kinds: hook.kinds ?? [] };
  const own = ownCentre();
  return { name: "", url: "", centre: own && { code: own.code, name: own.name }, all: true, kinds: [] };
}

export function missingIn(typed: Typed): string[] {
  const missing: string[] = [];
  if (!typed.name.trim()) missing.push("name");
  if (!/^https?:\/\/\S+$/.test(typed.url.trim())) missing.push("url");
  if (!typed.centre) missing.push("centre");
  if (!typed.all && !typed.kinds.length) missing.push("kinds");
  return missing;
}

function Kinds({ typed, change, fault }: { typed: Typed; change: (typed: Typed) => void; fault: string | null }) {
  const known = [...new Set([...NOTICE_KINDS, ...typed.kinds])];
  const toggle = (kind: string): void => change({ ...typed, kinds: typed.kinds.includes(kind) ? typed.kinds.filter((one) => one !== kind) : [...typed.kinds, kind] });
  return (
    <fieldset class="field">
      <legend>{t("hook.kinds")}</legend>
      <label class="check"><input type="checkbox" checked={typed.all} onChange={() => change({ ...typed, all: !typed.all })} /> {t("hook.all_kinds")}</label>
      {!typed.all && (
        <div class="columns checks">
          {known.map((kind) => <label class="check" key={kind}><input type="checkbox" checked={typed.kinds.includes(kind)} onChange={() => toggle(kind)} /> {noticeWords(kind)}</label>)}
        </div>
      )}
      {fault && <p class="fault" role="alert">{fault}</p>}
    </fieldset>
  );
}

interface Props {
  hook: Webhook | null;
  saved: (hook: Webhook) => Promise<void>;
  /** Asks anew, so that the next attempt names the version that is there. */
  reload: () => Promise<void>;
  close: () => void;
}

export function WebhookForm({ hook, saved, reload, close }: Props) {
  const [typed, change, forget] = useDraft<Typed>(`admin:webhook:${hook?.id ?? "new"}`, first(hook));
  const [tried, setTried] = useState(false);
  const sending = useSending();
  const missing = missingIn(typed);
  const faultAt = (field: string, words = t("form.required")): string | null => (tried && missing.includes(field) ? words : faultOn(sending.error, field));
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (missing.length) return;
    const body = { name: typed.name.trim(), url: typed.url.trim(), kinds: typed.all ? null : typed.kinds };
    const taken = await sending.send(async () => {
      const answer = hook
        ? await call<Webhook>("PATCH", `webhooks/${hook.id}`, { body: { version: hook.version, ...body } })
        : await post<Webhook>("webhooks", { ...body, centre: typed.centre!.code });
      forget();
      await saved(answer);
    });
    if (!taken) await reload();
  };
  return (
    <form class="fields inset" onSubmit={(event) => void submit(event)} noValidate aria-label={t(hook ? "hook.edit" : "hook.add")} data-testid="webhook-form">
      <Refused error={sending.error} fields={["name", "url", "centre", "kinds"]} stale={t("hook.stale")} />
      <div class="row">
        <TextField label={t("hook.name")} name="name" value={typed.name} most={120} change={(name) => change({ ...typed, name })} fault={faultAt("name")} />
        <TextField label={t("hook.url")} name="url" value={typed.url} most={2000} placeholder="https://" change={(url) => change({ ...typed, url })} fault={faultAt("url", t("hook.url_needed"))} />
      </div>
      {!hook && <SearchPick label={t("hook.centre")} name="webhook-centre" placeholder={t("users.search")} value={typed.centre} change={(centre) => change({ ...typed, centre })} find={findCells} fault={faultAt("centre")} />}
      <Kinds typed={typed} change={change} fault={faultAt("kinds", t("hook.kinds_needed"))} />
      <div class="buttons">
        <button class="button main" disabled={sending.busy} data-testid="save-webhook">{t(sending.busy ? "form.busy" : hook ? "hook.save" : "hook.add")}</button>
        <button type="button" class="button" onClick={close}>{t("act.cancel")}</button>
      </div>
    </form>
  );
}
