/** Taking photos: the camera on a phone, a file elsewhere; each shown small and removable. */
import { useEffect, useId, useState } from "preact/hooks";
import { Camera } from "lucide";
import { t } from "../language";
import { type ChangePictures, type Picture, type PictureRefused, takePictures } from "../pictures";
import { Icon } from "./icon";

export function Thumb({ picture, n, remove }: { picture: Picture; n: number; remove?: () => void }) {
  const [url, setUrl] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([picture.bytes], { type: picture.type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [picture.bytes]);
  return (
    <li class="photo">
      {url && <img src={url} alt={t("report.photo_n", { n })} />}
      {remove && (
        <button type="button" class="button remove" aria-label={`${t("act.remove")} ${t("report.photo_n", { n })}`} onClick={remove}>
          {t("act.remove")}
        </button>
      )}
    </li>
  );
}

interface Props {
  pictures: Picture[];
  /** An edit of what is there by then, not of what was there when the camera was opened. */
  change: ChangePictures;
  /** Told of photos that are being read or made smaller: nothing is sent before these have ended. */
  during?: (job: Promise<unknown>) => void;
  label: string;
  fault?: string | null;
  camera?: boolean;
  testid?: string;
}

export function PictureInput({ pictures, change, during, label, fault, camera = false, testid = "photo-input" }: Props) {
  const id = useId();
  const [refused, setRefused] = useState<PictureRefused | null>(null);
  const add = (input: HTMLInputElement): void => {
    const job = takePictures([...(input.files ?? [])], change).then((all) => setRefused(all.at(-1) ?? null));
    input.value = "";
    setRefused(null);
    during?.(job);
  };
  const text = refused ? t(`picture.${refused.code}`, { file: refused.file }) : fault;
  return (
    <div class="field">
      {pictures.length > 0 && (
        <ul class="photos">
          {pictures.map((picture, index) => (
            <Thumb key={picture.id} picture={picture} n={index + 1} remove={() => change((before) => before.filter((other) => other.id !== picture.id))} />
          ))}
        </ul>
      )}
      <label class={`button ${camera && !pictures.length ? "main" : ""} shoot`} for={id}><Icon of={Camera} />{label}</label>
      <input id={id} class="hidden" type="file" accept="image/*" {...(camera ? { capture: "environment" } : { multiple: true })}
        aria-invalid={text ? true : undefined} data-testid={testid} onChange={(event) => add(event.currentTarget)} />
      {text && <p class="fault" role="alert">{text}</p>}
    </div>
  );
}
