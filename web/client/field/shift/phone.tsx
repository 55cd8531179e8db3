/** This phone: how it looks, whether it opens without a network, when it was synchronised, and whether it rings. */
import { useEffect, useState } from "preact/hooks";
import { brief, count } from "../../shared/format";
import { online } from "../../shared/http";
import { t } from "../../shared/language";
import { Banner } from "../../shared/parts/states";
import { type PushState, pushOff, pushOn, pushState } from "../../shared/push";
import { others } from "../outbox/items";
import { opensOffline } from "../sw/page";
import { settings, synced, syncing, syncNow } from "../sync";
import { theme, THEMES, wear } from "../theme";

function Themes() {
  return (
    <fieldset class="field themes">
      <legend>{t("theme.title")}</legend>
      <div class="buttons">
        {THEMES.map((name) => (
          <button key={name} type="button" class={`button ${theme.value === name ? "chosen" : ""}`} aria-pressed={theme.value === name}
            data-testid={`theme-${name}`} onClick={() => wear(name)}>{t(`theme.${name}`)}</button>
        ))}
      </div>
    </fieldset>
  );
}

function Push() {
  const key = settings.value.push_key;
  const [state, setState] = useState<PushState | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => void pushState(key).then(setState, () => setState("missing")), [key]);
  const turn = async (): Promise<void> => {
    setFailed(false);
    try {
      if (state === "on") await pushOff();
      else if (key) await pushOn(key);
    } catch {
      setFailed(true);
    }
    setState(await pushState(key).catch(() => "missing" as const));
  };
  if (!state) return null;
  const can = state === "on" || state === "off";
  return (
    <section class="stack-small" aria-label={t("push.title")} data-testid="push" data-state={state}>
      <h2>{t("push.title")}</h2>
      <p>{t(`push.${state}`)}</p>
      {failed && <Banner kind="warn">{t("push.failed")}</Banner>}
      {can && <button type="button" class="button" disabled={!online.value} onClick={() => void turn()}>{t(state === "on" ? "push.disable" : "push.enable")}</button>}
      {can && !online.value && <p class="caption">{t("push.offline")}</p>}
    </section>
  );
}

export function Phone() {
  const state = synced.value;
  return (
    <section class="panel phone-panel" aria-label={t("phone.title")}>
      <Themes />
      <Push />
      <div class="stack-small">
        <h2>{t("phone.title")}</h2>
        {opensOffline.value !== "unknown" && <p>{t(opensOffline.value === "yes" ? "phone.opens" : "phone.opens_not")}</p>}
        <p class="muted" role="status">{syncing.value ? t("phone.syncing") : state ? t("phone.synced", { time: brief(state.now) }) : t("phone.never")}</p>
        {others.value.length > 0 && <Banner kind="warn" testid="others-wait">{t("phone.waits", { n: count(others.value.length) })}</Banner>}
        <button type="button" class="button" disabled={syncing.value || !online.value} data-testid="sync-now" onClick={() => void syncNow()}>{t("phone.sync")}</button>
      </div>
    </section>
  );
}
