/** Taking a photo again that the server could not take, for a report that has already arrived. */
import { t } from "../shared/language";
import { PictureInput } from "../shared/parts/picture_input";
import type { Kept } from "./outbox";
import { photoNumber } from "./refusal";
import { retake } from "./sending";

export function Retake({ item }: { item: Kept }) {
  if (item.state !== "sent") return null;
  return (
    <>
      {(item.refusal?.photos ?? []).map((photo) => (
        <PictureInput key={photo} camera pictures={[]} testid="retake" label={t("refused.retake", { n: photoNumber(item, photo) })}
          change={([taken]) => taken && void retake(item, photo, taken)} />
      ))}
    </>
  );
}
