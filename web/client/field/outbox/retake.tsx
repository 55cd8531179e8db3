/** Taking a photo again that the server could not take, for a report that has already arrived. */
import { t } from "../../shared/language";
import { PictureInput } from "../../shared/parts/picture_input";
import { retake } from "./items";
import type { Kept } from "./kinds";
import { photoNumber } from "./refusal";

export function Retake({ item }: { item: Kept }) {
  if (item.state !== "accepted") return null;
  return (
    <>
      {(item.refusal?.photos ?? []).map((photo) => (
        <PictureInput key={photo} camera pictures={[]} testid="retake" label={t("refused.retake", { n: photoNumber(item, photo) })}
          change={([taken]) => taken && void retake(item, photo, taken)} />
      ))}
    </>
  );
}
