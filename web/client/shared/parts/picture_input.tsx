/** Taking photos: the camera on a phone, a file elsewhere; each shown small and removable. */
import { useEffect, useId, useState } from "preact/hooks";
import { Camera } from "lucide";
import { t } from "../language";
import { type Picture, PictureRefused, takePicture } from "../pictures";
import { Icon } from "./icon";

export function Thumb({ picture, n, remove }: { picture: Picture; n: number; remove?: () => void }) {
  const [url, setUrl] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([picture.bytes], { type: picture.type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [picture.id]);
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
  change: (pictures: Picture[]) => void;
  label: string;
  fault?: string | null;
  camera?: boolean;
  testid?: string;
}

export function PictureInput({ pictures, change, label, fault, camera = false, testid = "photo-input" }: Props) {
  const id = useId();
  const [refused, setRefused] = useState<PictureRefused | null>(null);
  const add = async (input: HTMLInputElement): Promise<void> => {
    setRefused(null);
    const added: Picture[] = [];
    for (const file of [...(input.files ?? [])]) {
      try {
        added.push(await takePicture(file));
      } catch (error) {
        if (!(error instanceof PictureRefused)) throw error;
        setRefused(error);
      }
    }
    input.value = "";
    if (added.length) change([...pictures, ...added].slice(0, 20));
  };
  const text = refused ? t(`picture.${refused.code}`, { file: refused.file }) : fault;
  return (
    <div class="field">
      {pictures.length > 0 && (
        <ul class="photos">
          {pictures.map((picture, index) => (
            <Thumb key={picture.id} picture={picture} n={index + 1} remove={() => change(pictures.filter((other) => other !== picture))} />
          ))}
        </ul>
      )}
      <label class={`button ${camera && !pictures.length ? "main" : ""} shoot`} for={id}><Icon of={Camera} />{label}</label>
      <input id={id} class="hidden" type="file" accept="image/*" {...(camera ? { capture: "environment" } : { multiple: true })}
        aria-invalid={text ? true : undefined} data-testid={testid} onChange={(event) => void add(event.currentTarget)} />
      {text && <p class="fault" role="alert">{text}</p>}
    </div>
  );
}
