/** Long words folded to their beginning: what is to be done stays within reach, and all of them are a tap away. */
import { useId, useState } from "preact/hooks";
import { count } from "../shared/format";
import { t } from "../shared/language";

const MOST_CHARACTERS = 140;
const MOST_LINES = 4;

/** Words that fill more than a few lines of a phone. */
export function isLong(text: string): boolean {
  return text.length > MOST_CHARACTERS || text.split("\n").length > MOST_LINES;
}

/** `shown`: the sentence in which the words stand; they alone count. */
export function Folded({ text, shown = text }: { text: string; shown?: string }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  if (!isLong(text)) return <p class="words">{shown}</p>;
  return (
    <>
      <p class={open ? "words" : "words few"} id={id}>{shown}</p>
      <button type="button" class="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)} data-testid="unfold">
        {t(open ? "tasks.words_less" : "tasks.words_more", { n: count(text.length) })}
      </button>
    </>
  );
}
