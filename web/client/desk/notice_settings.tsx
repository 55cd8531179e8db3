/** Which notices come by e-mail, and where to. */
import { useEffect, useState } from "preact/hooks";
import { get, Problem, put } from "../shared/http";
import { t } from "../shared/language";
import { ChoiceField, TextField } from "../shared/parts/fields";
import { useFormError } from "../shared/parts/form_error";
import { Banner, Failure, Loading, why } from "../shared/parts/states";

interface Settings {
  email: string | null;
  mail: "none" | "late" | "all";
}

const CHOICES = ["none", "late", "all"] as const;

export function NoticeSettings({ close }: { close: () => void }) {
  const [settings, setSettings] = useState<Settings | null>(null);
  const [lost, setLost] = useState<unknown>(null);
  const [error, setError] = useFormError();
  const [saved, setSaved] = useState(false);
  const [busy, setBusy] = useState(false);
  const ask = (): void => {
    setLost(null);
    get<Settings>("notices/settings").then(setSettings, setLost);
  };
  useEffect(ask, []);
  if (lost) return <Failure error={lost} retry={ask} />;
  if (!settings) return <Loading />;
  const change = (part: Partial<Settings>): void => {
    setSettings({ ...settings, ...part });
    setSaved(false);
  };
  const needs = settings.mail !== "none" && !settings.email?.trim();
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (needs) return setError("needs");
    setBusy(true);
    setError(null);
    try {
      setSettings(await put<Settings>("notices/settings", { email: settings.email?.trim() || null, mail: settings.mail }));
      setSaved(true);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const fault = error === "needs" ? (needs ? t("notices.email_needed") : null) : error instanceof Problem ? (error.faults.find((one) => one.field === "email")?.message ?? null) : null;
  return (
    <form class="fields settings" onSubmit={(event) => void save(event)} noValidate aria-label={t("notices.settings")} data-testid="notice-settings">
      {error && error !== "needs" && !fault ? <Banner kind="bad">{why(error)}</Banner> : null}
      {saved && <Banner kind="good">{t("notices.saved")}</Banner>}
      <TextField label={t("notices.email")} name="email" complete="email" value={settings.email ?? ""} most={200} fault={fault} change={(email) => change({ email })} />
      <ChoiceField label={t("notices.mail")} name="mail" value={settings.mail} change={(mail) => change({ mail: mail as Settings["mail"] })}
        options={CHOICES.map((value) => ({ value, label: t(`notices.mail_${value}`) }))} />
      <div class="buttons">
        <button class="button main" disabled={busy} data-testid="notice-save">{t(busy ? "form.busy" : "notices.save")}</button>
        <button type="button" class="button" onClick={close}>{t("act.close")}</button>
      </div>
    </form>
  );
}
