/** Taking a photo again that the server could not take, for a report that has already arrived. */
import { useRef } from "preact/hooks";
import { t } from "../../shared/language";
import { PictureInput } from "../../shared/parts/picture_input";
import type { Picture } from "../../shared/pictures";
import { retake } from "./items";
import type { Kept } from "./kinds";
import { photoNumber } from "./refusal";

function One({ item, photo }: { item: Kept; photo: string }) {
  const taken = useRef<Picture[]>([]);
  const send = (): void => {
    const [picture] = taken.current.splice(0);
    if (picture) void retake(item.id, photo, picture);
  };
  return (
    <PictureInput camera pictures={[]} testid="retake" label={t("refused.retake", { n: photoNumber(item, photo) })}
      change={(edit) => (taken.current = edit(taken.current))} during={(job) => void job.then(send)} />
  );
}

export function Retake({ item }: { item: Kept }) {
  if (item.state !== "accepted") return null;
  return <>{(item.refusal?.photos ?? []).map((photo) => <One key={photo} item={item} photo={photo} />)}</>;
}
