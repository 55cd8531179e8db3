/** Calling the roll: says what it does before it is done. */
import { useEffect, useState } from "preact/hooks";
import { exact } from "../../shared/format";
import { Problem, serverNow } from "../../shared/http";
import { t } from "../../shared/language";
import { SelectField, TextField } from "../../shared/parts/fields";
import { useFormError } from "../../shared/parts/form_error";
import { Banner, why } from "../../shared/parts/states";
import { callRoll, ledCentres, type OnDuty, type RollCallWhole } from "./data";

const MINUTES = ["5", "10", "15", "30"];

/** Now, each second anew: what is promised is true as long as it is read. */
function useNow(): number {
  const [now, setNow] = useState(() => serverNow().getTime());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow().getTime()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function Effect({ centre, name, minutes, photo }: { centre: string; name: string | null; minutes: number; photo: boolean }) {
  const until = exact(new Date(useNow() + minutes * 60_000)).slice(11);
  return (
    <p class="effect" data-testid="roll-effect">
      {name === null ? t("roll.effect", { centre, n: minutes, time: until }) : t("roll.effect_one", { name, n: minutes, time: until })}{photo && ` ${t("roll.effect_photo")}`}
    </p>
  );
}

interface Props {
  called: (call: RollCallWhole) => void;
  /** One of those on duty alone; null: all on the ground. */
  one: OnDuty | null;
  all: () => void;
}

export function CallForm({ called, one, all }: Props) {
  const centres = ledCentres();
  const [centre, setCentre] = useState(centres[0]?.code ?? "");
  const [minutes, setMinutes] = useState("10");
  const [photo, setPhoto] = useState(false);
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState<number | null>(null);
  const [error, setError] = useFormError();
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    setTold(null);
    try {
      const whom = one ? { centre_code: one.centre.code, people: [one.person.id] } : { centre_code: centre };
      const call = await callRoll({ ...whom, minutes: Number(minutes), photo_wanted: photo, text: text.trim() });
      setText("");
      all();
      setTold(call.counts.asked);
      called(call);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const fault = (field: string) => (error instanceof Problem ? error.faults.find((one) => one.field === field)?.message : null);
  return (
    <form class="fields panel" onSubmit={(event) => void send(event)} noValidate aria-label={t("roll.title")} data-testid="roll-form">
      <h2>{t("roll.title")}</h2>
      {error ? <Banner kind="bad">{why(error)}</Banner> : null}
      {told !== null && <Banner kind="good" testid="roll-called">{t("roll.called", { n: told })}</Banner>}
      {one && (
        <p class="arearow" data-testid="roll-one">
          <span class="strong">{t("roll.one", { name: one.person.name })}</span>
          <button type="button" class="button" onClick={all}>{t("roll.all")}</button>
        </p>
      )}
      {!one && centres.length > 1 && <SelectField label={t("roll.centre")} value={centre} change={setCentre} options={centres.map((one) => [one.code, one.name] as const)} />}
      <SelectField label={t("roll.minutes")} name="minutes" value={minutes} change={setMinutes} options={MINUTES.map((n) => [n, n] as const)} fault={fault("minutes")} />
      <label class="check"><input type="checkbox" checked={photo} onChange={(event) => setPhoto(event.currentTarget.checked)} /> {t("roll.photo")}</label>
      <TextField label={t("roll.text")} name="text" value={text} change={setText} most={500} fault={fault("text")} />
      <Effect centre={centres.find((one) => one.code === centre)?.name ?? ""} name={one?.person.name ?? null} minutes={Number(minutes)} photo={photo} />
      <div class="buttons"><button class="button main" disabled={busy || !(one ?? centre)} data-testid="roll-send">{t(busy ? "form.busy" : "roll.call")}</button></div>
    </form>
  );
}
