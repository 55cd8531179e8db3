/** What the centre has set for reporting; the defaults of `config.toml` until the phone has heard otherwise. */
import { effect, signal } from "@preact/signals";
import { photoSide } from "../../shared/pictures";

export const settings = signal({ fix_seconds: 20, fix_metres: 20, poor_metres: 50, photo_side: 2048 });

effect(() => {
  photoSide.value = settings.value.photo_side;
});
