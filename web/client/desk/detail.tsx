/** The case in hand: what it is, why here, how its clocks stand, what can be done, and its story. */
import { ArrowLeft } from "lucide";
import { useEffect, useRef } from "preact/hooks";
import type { CaseDetail, Verb } from "../shared/api";
import { CaseHead, Clocks, Facts, Place, Why } from "../shared/case/facts";
import { PhotoSides } from "../shared/case/photos";
import { Orders, Rounds } from "../shared/case/rounds";
import { Story } from "../shared/case/story";
import { t, word } from "../shared/language";
import { Banner, Empty, Failure, Loading } from "../shared/parts/states";
import { Icon } from "../shared/parts/icon";
import { detail, detailError, done, openCase, openVerb, story } from "./opened";
import { choose, chosen } from "./place";
import { VerbFormBox } from "./verb_form";
import { FORMS } from "./verbs";

function VerbButton({ verb, first }: { verb: Verb; first: boolean }) {
  const form = FORMS[verb];
  const open = openVerb.value === verb;
  return (
    <button type="button" class={`button ${first ? "main" : ""} ${form.danger ? "danger" : ""} ${open && !first ? "chosen" : ""}`} aria-expanded={open}
      aria-keyshortcuts={form.key} data-testid={`verb-${verb}`} onClick={() => (openVerb.value = open ? null : verb)}>
      {word("verb", verb)} {!first && <kbd aria-hidden="true">{form.key}</kbd>}
    </button>
  );
}

const ASIDE: Verb[] = ["pass_up", "urge", "note"];

/** The next step of the work first, what ends or returns a case after it, what may always be done last. */
function inOrder(verbs: Verb[], main: Verb | undefined): Verb[] {
  const rank = (verb: Verb): number => (verb === main ? 0 : ASIDE.includes(verb) ? 3 : FORMS[verb].danger ? 2 : 1);
  return [...verbs].sort((a, b) => rank(a) - rank(b));
}

function Verbs({ item }: { item: CaseDetail }) {
  const known = item.allowed_verbs.filter((verb) => verb in FORMS);
  const work = known.filter((verb) => !ASIDE.includes(verb) && !FORMS[verb].danger);
  const main = work.includes("accept") ? "accept" : work[0];
  const gone = openVerb.value && !known.includes(openVerb.value) ? openVerb.value : null;
  return (
    <section aria-label={t("detail.verbs")} class="verbs">
      <div class="buttons">{inOrder(known, main).map((verb) => <VerbButton key={verb} verb={verb} first={verb === main} />)}</div>
      {!work.length && known.every((verb) => verb === "note") && <p class="caption">{t("detail.no_verbs")}</p>}
      {gone && <Banner kind="warn">{t("form.gone", { verb: word("verb", gone) })}</Banner>}
      {openVerb.value && <VerbFormBox item={item} verb={openVerb.value} key={`${item.no}-${openVerb.value}`} gone={gone !== null} />}
    </section>
  );
}

function Opened({ item }: { item: CaseDetail }) {
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    place.current?.parentElement?.scrollTo(0, 0);
  }, [item.no]);
  return (
    <article class="case" ref={place} data-testid="detail" data-no={item.no}>
      <CaseHead item={item} />
      {done.value.no === item.no && <Banner kind="good">{done.value.words}</Banner>}
      <Verbs item={item} />
      <PhotoSides photos={item.photos} />
      <Why item={item} />
      <Facts item={item} />
      <Orders item={item} />
      <Clocks clocks={item.clocks} />
      <Rounds item={item} />
      <Place item={item} />
      <Story events={story.value} />
    </article>
  );
}

export function Detail() {
  const no = chosen.value;
  if (!no) return <Empty>{t("detail.pick")}</Empty>;
  const back = (
    <button type="button" class="button plain back" onClick={() => choose(null)} data-testid="back"><Icon of={ArrowLeft} />{t("act.back")}</button>
  );
  if (detailError.value) return <>{back}<Failure error={detailError.value} retry={() => void openCase(no)} /></>;
  if (!detail.value) return <>{back}<Loading /></>;
  return <>{back}<Opened item={detail.value} /></>;
}
