/** Duty areas, and who walks each of them. */
import { useEffect, useState } from "preact/hooks";
import { t } from "../../shared/language";
import { useFormError } from "../../shared/parts/form_error";
import { Banner, Empty, Failure, Loading, why } from "../../shared/parts/states";
import { type DutyArea, givePeople, type Inspector, readInspectors } from "./data";

function PeopleForm({ area, saved, close }: { area: DutyArea; saved: () => void; close: () => void }) {
  const [inspectors, setInspectors] = useState<Inspector[] | null>(null);
  const [lost, setLost] = useState<unknown>(null);
  const [picked, setPicked] = useState(new Set(area.people.map((one) => one.id)));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useFormError();
  const ask = (): void => {
    setLost(null);
    readInspectors().then(setInspectors, setLost);
  };
  useEffect(ask, []);
  if (lost) return <Failure error={lost} retry={ask} />;
  if (!inspectors) return <Loading />;
  const toggle = (id: number): void => setPicked((was) => new Set(was.has(id) ? [...was].filter((one) => one !== id) : [...was, id]));
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await givePeople(area.code, [...picked]);
      saved();
      close();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="fields" onSubmit={(event) => void save(event)} data-testid="area-form">
      {error ? <Banner kind="bad">{why(error)}</Banner> : null}
      <fieldset class="field">
        <legend>{t("areas.who", { name: area.name })}</legend>
        <div class="people">
          {inspectors.map((one) => (
            <label class="check" key={one.id}>
              <input type="checkbox" checked={picked.has(one.id)} onChange={() => toggle(one.id)} /> {one.name}
              {one.on_duty && <span class="caption"> · {t("areas.on_duty")}</span>}
            </label>
          ))}
        </div>
      </fieldset>
      <p class="effect">{t("areas.effect")}</p>
      <div class="buttons">
        <button class="button main" disabled={busy} data-testid="area-save">{t(busy ? "form.busy" : "areas.save")}</button>
        <button type="button" class="button" onClick={close}>{t("act.close")}</button>
      </div>
    </form>
  );
}

export function Areas({ areas, error, again }: { areas: DutyArea[] | null; error: unknown; again: () => void }) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <section class="panel areas" aria-label={t("areas.title")}>
      <h2>{t("areas.title")}</h2>
      {!areas && (error ? <Failure error={error} retry={again} /> : <Loading />)}
      {areas && !areas.length && <Empty>{t("areas.none")}</Empty>}
      <ul>
        {areas?.map((area) => (
          <li key={area.code} data-testid="area" data-code={area.code}>
            <div class="arearow">
              <span><span class="strong">{area.name}</span> <span class="caption">{area.code} · {area.people.map((one) => one.name).join(", ") || t("areas.nobody")}</span></span>
              {open !== area.code && <button type="button" class="button" aria-label={`${t("areas.change")} ${area.name}`} onClick={() => setOpen(area.code)}>{t("areas.change")}</button>}
            </div>
            {open === area.code && <PeopleForm area={area} saved={again} close={() => setOpen(null)} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
