/** Registering a case by phone: source, what, where (point or address), when; the same uuid until it has arrived. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ReportAnswer, ReportBody } from "../shared/api";
import { dropDraft, keepDraft, readDraft } from "../shared/drafts";
import { newId } from "../shared/ids";
import { Problem, put, serverNow } from "../shared/http";
import { t, word } from "../shared/language";
import { MapView } from "../shared/map/view";
import { SelectField, TextField } from "../shared/parts/fields";
import { useFormError } from "../shared/parts/form_error";
import { Banner, why } from "../shared/parts/states";
import { ownCentre } from "../shared/session";
import { refresh, refreshCounts } from "./cases";
import { CategoryInput } from "./category_input";
import { done } from "./opened";
import { choose } from "./place";

interface Typed {
  id: string;
  source: string;
  category_code: string;
  description: string;
  address: string;
  lon: string;
  lat: string;
  observed_at: string;
}

const DRAFT = "keying";
const KEYED = ["hotline", "public", "department", "superior", "video", "drone", "vehicle", "sensor"];

function fresh(): Typed {
  return { id: newId(), source: "hotline", category_code: "", description: "", address: "", lon: "", lat: "", observed_at: serverNow().toISOString() };
}

function pointOf(typed: Typed): { lon: number; lat: number; crs: "wgs84" } | null {
  if (!typed.lon.trim() || !typed.lat.trim()) return null;
  return { lon: Number(typed.lon), lat: Number(typed.lat), crs: "wgs84" };
}

export function bodyOf(typed: Typed): ReportBody {
  const point = pointOf(typed);
  return {
    source: typed.source, description: typed.description.trim(), observed_at: typed.observed_at, category_code: typed.category_code,
    ...(point && { point }),
    ...(typed.address.trim() && { address: typed.address.trim() }),
  };
}

/** Faults that need no server to be seen. */
function ownFaults(typed: Typed): Record<string, string> {
  const point = pointOf(typed);
  const bad = point && !(Math.abs(point.lon) <= 180 && Math.abs(point.lat) <= 90);
  return {
    ...(!typed.category_code && { category_code: t("new.category_needed") }),
    ...(!point && !typed.address.trim() && { address: t("new.place_needed") }),
    ...(bad && { point: t("report.coordinates_bad") }),
  };
}

function Where({ typed, change, faults }: { typed: Typed; change: (part: Partial<Typed>) => void; faults: Record<string, string> }) {
  const point = pointOf(typed);
  const spot = point && Math.abs(point.lon) <= 180 && Math.abs(point.lat) <= 90 ? point : null;
  return (
    <fieldset class="field">
      <legend>{t("new.where")}</legend>
      <TextField label={t("new.address")} name="address" value={typed.address} placeholder={t("new.address_hint")} most={500} fault={faults["address"]}
        change={(address) => change({ address })} />
      <p class="caption">{t("new.point")} · {t("new.point_optional")}</p>
      <div class="pair">
        <TextField label={t("report.lon")} name="lon" mode="decimal" value={typed.lon} fault={faults["point.lon"]} change={(lon) => change({ lon })} />
        <TextField label={t("report.lat")} name="lat" mode="decimal" value={typed.lat} fault={faults["point.lat"]} change={(lat) => change({ lat })} />
      </div>
      {faults["point"] && <p class="fault" role="alert">{faults["point"]}</p>}
      <div class="keymap">
        <MapView area={ownCentre()} pin={spot} pick={({ lon, lat }) => change({ lon: lon.toFixed(7), lat: lat.toFixed(7) })} />
      </div>
    </fieldset>
  );
}

export function Keying({ close }: { close: () => void }) {
  const box = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState<Typed>(readDraft<Typed>(DRAFT) ?? fresh());
  const [error, setError] = useFormError();
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  useEffect(() => box.current?.showModal(), []);
  const change = (part: Partial<Typed>): void => {
    const next = { ...typed, ...part };
    setTyped(next);
    keepDraft(DRAFT, next);
  };
  const theirs = error instanceof Problem ? Object.fromEntries(error.faults.map((fault) => [fault.field, fault.message])) : {};
  const faults = { ...theirs, ...(tried ? ownFaults(typed) : {}) };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(ownFaults(typed)).length) return;
    setBusy(true);
    setError(null);
    try {
      const answer = await put<ReportAnswer>(`reports/${typed.id}`, bodyOf(typed));
      dropDraft(DRAFT);
      const where = answer.placement?.line.at(-1)?.name ?? t("case.unlocated");
      choose(answer.case.no);
      done.value = { no: answer.case.no, words: t("new.done", { no: answer.case.no, where }) };
      close();
      await Promise.allSettled([refresh(), refreshCounts()]);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <dialog class="keying" ref={box} onClose={close} aria-labelledby="keying-title" data-testid="keying">
      <form class="fields" onSubmit={(event) => void submit(event)} noValidate>
        <h2 id="keying-title">{t("new.title")}</h2>
        {error ? <Banner kind="bad" testid="keying-error">{why(error)}</Banner> : null}
        <SelectField label={t("new.source")} name="source" value={typed.source} change={(source) => change({ source })} fault={faults["source"]}
          options={KEYED.map((name) => [name, word("source", name)] as const)} />
        <CategoryInput value={typed.category_code} change={(code) => change({ category_code: code })} fault={faults["category_code"]} />
        <TextField long label={t("report.description")} name="description" value={typed.description} most={2000} fault={faults["description"]}
          change={(description) => change({ description })} />
        <Where typed={typed} change={change} faults={faults} />
        <div class="buttons">
          <button class="button main" disabled={busy} data-testid="keying-submit">{t(busy ? "form.busy" : "new.submit")}</button>
          <button type="button" class="button" onClick={() => box.current?.close()}>{t("act.close")}</button>
        </div>
      </form>
    </dialog>
  );
}
