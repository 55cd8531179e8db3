/** The report's photos: camera first, more of them, from the gallery; each can be moved or taken out again. */
import { ArrowLeftRight, Camera, ChevronLeft, ChevronRight, type IconNode, Images, Trash, Undo2 } from "lucide";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { t } from "../../shared/language";
import { Icon } from "../../shared/parts/icon";
import type { Picture } from "../../shared/pictures";
import { addPhotos, change, draft, notTaken, taking, tooMany } from "./draft";
import { MOST_PHOTOS, moved, photosOf, type Side, sided } from "./form";

interface ShootProps {
  side: Side;
  label: string;
  icon: IconNode;
  camera: boolean;
  look: string;
  testid: string;
  /** Opens by itself when a tap has led here. */
  atOnce?: boolean;
}

/** A tap that led here may open the camera without another one. */
function tapped(): boolean {
  return Boolean(navigator.userActivation?.isActive) && matchMedia("(pointer: coarse)").matches;
}

function Shoot({ side, label, icon, camera, look, testid, atOnce = false }: ShootProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  // the report from which the camera was opened, whatever is shown when it comes back
  const of = useRef<string | null>(null);
  useEffect(() => {
    if (atOnce && tapped()) input.current?.click();
  }, []);
  const add = async (box: HTMLInputElement): Promise<void> => {
    const files = [...(box.files ?? [])];
    box.value = "";
    const id = of.current ?? draft.value.id;
    of.current = null;
    await addPhotos(files, side, id);
  };
  return (
    <span class="shot">
      <input id={id} ref={input} class="hidden" type="file" accept="image/*" {...(camera ? { capture: "environment" } : { multiple: true })}
        data-testid={testid} onClick={() => void (of.current = draft.value.id)} onChange={(event) => void add(event.currentTarget)} />
      <label class={`button ${look}`} for={id}><Icon of={icon} /><span>{label}</span></label>
    </span>
  );
}

function useUrl(picture: Picture): string {
  const [url, setUrl] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([picture.bytes], { type: picture.type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [picture.bytes]);
  return url;
}

function Small({ picture, n, chosen, choose }: { picture: Picture; n: number; chosen: boolean; choose: () => void }) {
  const url = useUrl(picture);
  const name = t("report.photo_n", { n });
  const [drawn, setDrawn] = useState(true);
  const bad = draft.value.refusal?.photos?.includes(picture.id);
  return (
    <li>
      <button type="button" class={`thumb ${bad ? "bad" : ""}`} aria-pressed={chosen} aria-label={name} onClick={choose} data-testid="photo">
        {url && drawn ? <img src={url} alt="" onError={() => setDrawn(false)} /> : <span class="caption">{name}</span>}
      </button>
    </li>
  );
}

/** The photo chosen as large as the screen allows: whether it is sharp is seen before it is sent. */
function Large({ picture, n }: { picture: Picture; n: number }) {
  const url = useUrl(picture);
  const [drawn, setDrawn] = useState(true);
  return url && drawn ? <img class="large" src={url} alt={t("report.photo_n", { n })} onError={() => setDrawn(false)} data-testid="photo-large" /> : null;
}

/** What can be done with the photo chosen. */
function Acts({ picture, close, removed }: { picture: Picture; close: () => void; removed: (undo: () => void) => void }) {
  const form = draft.value;
  const side: Side = form.self_handled && form.after.includes(picture.id) ? "after" : "before";
  const other: Side = side === "after" ? "before" : "after";
  const row = photosOf(form, side);
  const at = row.findIndex(({ id }) => id === picture.id);
  const move = (by: -1 | 1): void => void change((now) => ({ pictures: moved(now, picture.id, by) }));
  const remove = (): void => {
    const wasAfter = form.after.includes(picture.id);
    void change(({ pictures, after }) => ({ pictures: pictures.filter(({ id }) => id !== picture.id), after: after.filter((id) => id !== picture.id) }));
    close();
    removed(() => void change(({ pictures, after }) => ({ pictures: [...pictures, picture], ...(wasAfter && { after: [...after, picture.id] }) }), form.id));
  };
  return (
    <div class="buttons" role="group" aria-label={t("report.photo_n", { n: form.pictures.indexOf(picture) + 1 })}>
      <button type="button" class="button" disabled={at <= 0} onClick={() => move(-1)}><Icon of={ChevronLeft} />{t("report.photo_earlier")}</button>
      <button type="button" class="button" disabled={at >= row.length - 1} onClick={() => move(1)}>{t("report.photo_later")}<Icon of={ChevronRight} /></button>
      {form.self_handled && (
        <button type="button" class="button" onClick={() => (void change((now) => ({ after: sided(now, picture.id, other) })), close())} data-testid={`photo-to-${other}`}>
          <Icon of={ArrowLeftRight} />{t(`report.photo_to_${other}`)}
        </button>
      )}
      <button type="button" class="button danger" onClick={remove} data-testid="photo-remove"><Icon of={Trash} />{t("act.remove")}</button>
    </div>
  );
}

function Strip({ side }: { side: Side }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [undo, setUndo] = useState<(() => void) | null>(null);
  const form = draft.value;
  const row = photosOf(form, side);
  const picture = row.find(({ id }) => id === chosen);
  const full = form.pictures.length >= MOST_PHOTOS;
  const pre = side === "after" ? "photo-after" : "photo";
  return (
    <div class="stack tight" data-testid={`strip-${side}`}>
      {form.self_handled && <h2>{t(side === "after" ? "report.after" : "report.before")}</h2>}
      <div class="strip">
        <ul>
          {row.map((one) => (
            <Small key={one.id} picture={one} n={form.pictures.indexOf(one) + 1} chosen={one.id === chosen} choose={() => setChosen(one.id === chosen ? null : one.id)} />
          ))}
        </ul>
        {!full && <Shoot side={side} camera icon={Camera} look="thumb" label={t(row.length ? "report.add" : "report.take")} testid={`${pre}-input`} />}
        {!full && <Shoot side={side} camera={false} icon={Images} look="thumb" label={t("report.gallery")} testid={`${pre}-gallery`} />}
      </div>
      {taking.value.has(form.id) && <p class="caption" role="status">{t("report.photos_taking")}</p>}
      {full && <p class="caption">{t("report.photos_full", { n: MOST_PHOTOS })}</p>}
      {side === "after" && !row.length && form.pictures.length > 1 && <p class="caption">{t("report.after_hint")}</p>}
      {picture && <Large key={picture.id} picture={picture} n={form.pictures.indexOf(picture) + 1} />}
      {picture && <Acts picture={picture} close={() => setChosen(null)} removed={(again) => setUndo(() => again)} />}
      {undo && !picture && (
        <div role="status" class="row-line">
          <span>{t("report.photo_removed")}</span>
          <button type="button" class="button" onClick={() => (undo(), setUndo(null))} data-testid="photo-undo"><Icon of={Undo2} />{t("report.undo")}</button>
        </div>
      )}
    </div>
  );
}

function Refused() {
  return (
    <>
      {notTaken.value.map(({ code, file }) => <p key={file} class="fault" role="alert">{t(`picture.${code}`, { file })}</p>)}
      {tooMany.value > 0 && <p class="fault" role="alert">{t("report.photos_left_out", { n: tooMany.value, most: MOST_PHOTOS })}</p>}
    </>
  );
}

/** Nothing yet: the camera, where the thumb is. */
export function FirstPhoto() {
  return (
    <div class="first">
      <p class="muted">{t("report.photo_hint")}</p>
      <Refused />
      <div class="shooting">
        <Shoot side="before" camera atOnce icon={Camera} look="main" label={t("report.take")} testid="photo-input" />
        <Shoot side="before" camera={false} icon={Images} look="" label={t("report.gallery")} testid="photo-gallery" />
      </div>
    </div>
  );
}

export function Photos() {
  return (
    <section class="stack tight" aria-label={t("report.photo")}>
      <Strip side="before" />
      {draft.value.self_handled && <Strip side="after" />}
      <Refused />
    </section>
  );
}
