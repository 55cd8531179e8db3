/** One task: what was reported, and the answer with photo and result; kept while typed, sent through the outbox. */
import { useEffect, useState } from "preact/hooks";
import type { CaseDetail, CaseItem } from "../shared/api";
import { fetchCase } from "../shared/case/data";
import { Photos } from "../shared/case/photos";
import { categoryName, conditionWords } from "../shared/case/words";
import { distance } from "../shared/format";
import { newId } from "../shared/ids";
import { either, t } from "../shared/language";
import { ChoiceField, TextField } from "../shared/parts/fields";
import { Light } from "../shared/parts/light";
import { PictureInput } from "../shared/parts/picture_input";
import { Banner, Failure, Loading } from "../shared/parts/states";
import { type Picture } from "../shared/pictures";
import { dropDraft, keepDraft, readDraft } from "../shared/drafts";
import { session } from "../shared/session";
import { MapView } from "../shared/map/view";
import { ownCentre } from "../shared/session";
import { position } from "./position";
import { go } from "./route";
import { enqueue, outbox } from "./sending";
import { isAnswered, metresTo, tasks } from "./task_list";

interface Words {
  outcome: string;
  text: string;
}

function Asked({ item }: { item: CaseItem & Partial<CaseDetail> }) {
  const metres = metresTo(item);
  return (
    <section class="asked">
      <p class="caption">{item.no}</p>
      <h1>{categoryName(item.category)}</h1>
      <p class="second"><Light item={item} long /><span class="muted">{metres === null ? "" : distance(metres)}</span></p>
      {item.description && <p>{t("tasks.reported", { text: item.description })}</p>}
      <p class="muted">{item.address ?? item.line.map((cell) => cell.name).slice(1).join(" · ")}</p>
      {item.condition && <p class="caption">{conditionWords(item.condition)} → {either(item.condition.closing_zh, item.condition.closing_en)}</p>}
      {item.photos && <Photos photos={item.photos} none={t("detail.no_before")} />}
      {item.point && (
        <div class="mapbox"><MapView area={ownCentre()} items={[item]} centre={item.point} zoom={17} here={position.value} /></div>
      )}
    </section>
  );
}

function needsPhoto(verb: string, outcome: string): boolean {
  return verb === "check" || outcome !== "unfounded";
}

function AnswerForm({ item }: { item: CaseItem }) {
  const verb = item.stage === "checking" ? "check" : "verify";
  const draft = `task:${item.no}:${verb}`;
  const refusedBefore = outbox.value.find((kept) => kept.answer?.no === item.no && kept.state === "refused");
  const [pictures, setPictures] = useState<Picture[]>(refusedBefore?.pictures ?? []);
  const [words, setWords] = useState<Words>(readDraft<Words>(draft) ?? { outcome: "", text: "" });
  const [tried, setTried] = useState(false);
  const change = (part: Partial<Words>): void => {
    const next = { ...words, ...part };
    setWords(next);
    keepDraft(draft, next);
  };
  const noPhoto = needsPhoto(verb, words.outcome) && !pictures.length;
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (!words.outcome || noPhoto || !session.value) return;
    await enqueue({
      id: refusedBefore?.id ?? newId(), kind: "answer", person: session.value.person.id, made_at: new Date().toISOString(),
      pictures, state: "waiting", attempts: 0, refusal: null, report: null, receipt: null,
      answer: {
        no: item.no, verb, version: item.version, title: categoryName(item.category),
        fields: { outcome: words.outcome, ...(words.text.trim() && { text: words.text.trim() }) },
      },
    });
    dropDraft(draft);
    go("tasks");
  };
  const outcomes = verb === "check" ? (["passed", "failed"] as const) : (["confirmed", "unfounded"] as const);
  const negative = words.outcome === "failed" || words.outcome === "unfounded";
  return (
    <form class="fields" onSubmit={(event) => void send(event)} noValidate>
      {refusedBefore?.refusal && <Banner kind="bad">{refusedBefore.refusal.text}</Banner>}
      <PictureInput camera pictures={pictures} change={setPictures} label={t("tasks.photo")}
        fault={tried && noPhoto ? t("tasks.photo_needed") : null} />
      <ChoiceField label={t(verb === "check" ? "tasks.check_ask" : "tasks.verify_ask")} name="outcome" value={words.outcome}
        change={(outcome) => change({ outcome })} fault={tried && !words.outcome ? t("tasks.outcome_needed") : null}
        options={outcomes.map((value) => ({ value, label: t(`outcome.${value}`) }))} />
      <TextField long label={t(negative ? "tasks.text_why" : "tasks.text")} name="text" value={words.text} change={(text) => change({ text })} most={2000} />
      <button class="button main" data-testid="answer">{t("tasks.answer")}</button>
    </form>
  );
}

export function Task({ no }: { no: string }) {
  const listed = tasks.value?.find((task) => task.no === no) ?? null;
  const [found, setFound] = useState<CaseDetail | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    fetchCase(no).then(setFound, setError);
  }, [no]);
  const item = found ?? listed;
  if (!item) return error ? <Failure error={error} retry={() => location.reload()} /> : <Loading />;
  const open = item.stage === "verifying" || item.stage === "checking";
  return (
    <div class="task">
      <Asked item={item} />
      {isAnswered(no) ? <Banner>{t("tasks.answered")}</Banner> : open ? <AnswerForm item={item} /> : <Banner kind="warn">{t("tasks.gone")}</Banner>}
    </div>
  );
}
