/** A case's photos: those that have arrived open large, the others say that they are on their way. */
import { useRef, useState } from "preact/hooks";
import type { CasePhoto } from "../api";
import { exact } from "../format";
import { t, word } from "../language";

function Large({ photo, close }: { photo: CasePhoto; close: () => void }) {
  const box = useRef<HTMLDialogElement | null>(null);
  const open = (element: HTMLDialogElement | null): void => {
    if (element && !element.open) element.showModal();
    box.current = element;
  };
  return (
    <dialog ref={open} onClose={close} aria-label={word("photo", photo.kind)}>
      <img src={photo.url} alt={word("photo", photo.kind)} />
      <div class="buttons">
        <span class="muted">{word("photo", photo.kind)} · {exact(photo.at)}</span>
        <button type="button" class="button" onClick={() => box.current?.close()}>{t("act.close")}</button>
      </div>
    </dialog>
  );
}

export function Photos({ photos, none }: { photos: CasePhoto[]; none: string }) {
  const [large, setLarge] = useState<CasePhoto | null>(null);
  if (!photos.length) return <p class="caption">{none}</p>;
  return (
    <ul class="photos">
      {photos.map((photo, index) => (
        <li class="photo" key={photo.id}>
          {photo.arrived ? (
            <button type="button" class="view" onClick={() => setLarge(photo)}>
              <img src={photo.url} loading="lazy" alt={t("photo.alt", { kind: word("photo", photo.kind), n: index + 1 })} />
            </button>
          ) : <p class="waiting">{t("photo.waiting")}</p>}
        </li>
      ))}
      {large && <Large photo={large} close={() => setLarge(null)} />}
    </ul>
  );
}

/** Before and after side by side: what the closing is judged by. */
export function PhotoSides({ photos }: { photos: CasePhoto[] }) {
  const before = photos.filter((photo) => photo.kind === "report" || photo.kind === "verify");
  const after = photos.filter((photo) => photo.kind === "after" || photo.kind === "check");
  return (
    <section aria-label={t("detail.photos")}>
      <div class="sides">
        <div><h3>{t("detail.before")}</h3><Photos photos={before} none={t("detail.no_before")} /></div>
        <div><h3>{t("detail.after")}</h3><Photos photos={after} none={t("detail.no_after")} /></div>
      </div>
    </section>
  );
}
