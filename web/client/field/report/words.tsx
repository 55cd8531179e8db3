/** What there is to say: sentences to tap, own words, dictation where the phone offers it. */
import { Mic, Square } from "lucide";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { findCategory } from "../../shared/catalogue";
import { count } from "../../shared/format";
import { either, language, t } from "../../shared/language";
import { Icon } from "../../shared/parts/icon";
import { phrases } from "../sync";
import type { Phrase } from "../sync_shapes";
import { type Dictation, dictate, mayDictate } from "./dictation";
import { change, draft } from "./draft";
import { GAP, MOST_CHARACTERS } from "./form";

const MOST_PHRASES = 12;

/** Those of the class first, then the ones for all; none that stands in the text already. */
export function phrasesFor(all: readonly Phrase[], class_code: string | null, text: string, most = MOST_PHRASES): Phrase[] {
  const fits = all.filter((phrase) => (phrase.class_code === null || phrase.class_code === class_code) && !text.includes(phraseWords(phrase)));
  return fits.sort((a, b) => Number(a.class_code === null) - Number(b.class_code === null)).slice(0, most);
}

function phraseWords(phrase: Phrase): string {
  return either(phrase.zh, phrase.en).replace(/\{\w+\}/g, GAP);
}

/** The text with another sentence at its end. */
export function joined(text: string, more: string, english: boolean): string {
  const before = text.trimEnd();
  if (!before) return more;
  const gap = english ? " " : "";
  const stop = /[。.!?!?;;,,]$/.test(before) ? "" : english ? "." : "。";
  return `${before}${stop}${gap}${more}`.slice(0, MOST_CHARACTERS);
}

function add(more: string): void {
  void change({ description: joined(draft.value.description, more, language.value === "en") });
}

/** After a sentence with a gap: the gap is chosen, so that what is typed or said next fills it. */
export function fillGap(box: HTMLTextAreaElement | null): void {
  const at = box?.value.lastIndexOf(GAP) ?? -1;
  if (!box || at < 0) return;
  box.focus();
  box.setSelectionRange(at, at + GAP.length);
}

function Dictate() {
  const running = useRef<Dictation | null>(null);
  const [on, setOn] = useState(false);
  const [fault, setFault] = useState<"denied" | "failed" | null>(null);
  useEffect(() => () => running.current?.stop(), []);
  if (!mayDictate()) return null;
  const toggle = (): void => {
    setFault(null);
    if (on) return running.current?.stop();
    setOn(true);
    running.current = dictate(language.value === "en" ? "en-GB" : "zh-CN", { heard: add, ended: (why) => (setOn(false), setFault(why)) });
  };
  return (
    <div class="stack tight">
      <button type="button" class={`button ${on ? "chosen" : ""}`} aria-pressed={on} onClick={toggle} data-testid="dictate">
        <Icon of={on ? Square : Mic} />{t(on ? "report.dictate_stop" : "report.dictate")}
      </button>
      <p class="caption" role="status">{fault ? t(`report.dictate_${fault}`) : t(on ? "report.dictate_on" : "report.dictate_told")}</p>
    </div>
  );
}

export function Words() {
  const id = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const gap = useRef(false);
  const { description, category_code } = draft.value;
  const offered = category_code ? phrasesFor(phrases.value, findCategory(category_code)?.class_code ?? null, description) : [];
  useEffect(() => {
    if (gap.current) fillGap(box.current);
    gap.current = false;
  }, [description]);
  const offer = (words: string): void => {
    gap.current = words.includes(GAP);
    add(words);
  };
  return (
    <section class="stack tight" aria-label={t("report.words")}>
      {offered.length > 0 && (
        <ul class="chips" aria-label={t("report.phrases")} tabIndex={0}>
          {offered.map((phrase) => (
            <li key={phrase.zh}><button type="button" class="button chip" onClick={() => offer(phraseWords(phrase))} data-testid="phrase">{phraseWords(phrase)}</button></li>
          ))}
        </ul>
      )}
      <div class="field">
        <label for={id}>{t("report.words")}</label>
        <textarea id={id} ref={box} name="description" rows={3} maxLength={MOST_CHARACTERS} placeholder={t("report.description_hint")} value={description}
          aria-describedby={`${id}-n`} onInput={(event) => void change({ description: event.currentTarget.value })} />
        <p class="caption number" id={`${id}-n`}>{count(description.length)} / {count(MOST_CHARACTERS)}</p>
        <div role="status">
          {description.includes(GAP) && (
            <div class="row-line" data-testid="gap">
              <p class="fault grow">{t("report.gap")}</p>
              <button type="button" class="button" onClick={() => fillGap(box.current)} data-testid="gap-fill">{t("report.gap_fill")}</button>
            </div>
          )}
        </div>
      </div>
      <Dictate />
    </section>
  );
}
