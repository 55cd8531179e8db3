/** One task: what was reported, and the answer with photo and result; kept while typed, sent through the outbox. */
import "./case_texts";
import "./room_texts";
import { useEffect, useState } from "preact/hooks";
import type { CaseDetail, CaseItem, CasePhoto } from "../shared/api";
import { fetchCase } from "../shared/case/data";
import { Photos } from "../shared/case/photos";
import { categoryName, conditionWords } from "../shared/case/words";
import { distance } from "../shared/format";
import { either, t, word } from "../shared/language";
import { Light } from "../shared/parts/light";
import { Banner, Loading } from "../shared/parts/states";
import { MapView } from "../shared/map/view";
import { ownCentre } from "../shared/session";
import { AnswerForm } from "./answer_form";
import { Folded } from "./folded";
import { Missing } from "./missing";
import { position } from "./position";
import { online } from "../shared/http";
import { grid } from "./sync";
import { details } from "./task_details";
import { isAnswered, metresTo, tasks, timedNow } from "./task_list";

/** Which photos are from before the work and which from after it, one beneath the other: a phone is narrow. */
function Sides({ photos }: { photos: CasePhoto[] }) {
  const after = photos.filter((photo) => photo.kind === "after" || photo.kind === "check");
  return (
    <>
      <h2>{t("tasks.before")}</h2>
      <Photos photos={photos.filter((photo) => !after.includes(photo))} none={t("detail.no_before")} />
      {after.length > 0 && <><h2>{t("tasks.after")}</h2><Photos photos={after} none={t("detail.no_after")} /></>}
    </>
  );
}

/** Photos of which only the names are known: those that this phone has, or can get. */
function Named({ ids }: { ids: string[] }) {
  const [lost, setLost] = useState<string[]>([]);
  const there = ids.filter((id) => !lost.includes(id));
  if (!ids.length) return null;
  return (
    <>
      <h2>{t("tasks.photos")}</h2>
      {there.length ? (
        <ul class="photos">
          {there.map((id, index) => (
            <li class="photo" key={id}>
              <img src={`/api/v1/photos/${id}`} alt={t("photo.alt", { kind: t("tasks.photos"), n: index + 1 })} onError={() => setLost((before) => [...before, id])} />
            </li>
          ))}
        </ul>
      ) : <p class="caption">{t("tasks.photos_away", { n: ids.length })}</p>}
    </>
  );
}

interface Shown {
  item: CaseItem;
  detail: CaseDetail | null;
  named: string[];
}

function Asked({ item, detail, named }: Shown) {
  const metres = metresTo(item);
  return (
    <section class="asked">
      <p class="caption">{item.no}</p>
      <h1>{categoryName(item.category)}</h1>
      <p class="second"><Light item={timedNow(item)} long /><span class="muted">{metres === null ? "" : distance(metres)}</span></p>
      {item.description && <Folded text={item.description} shown={t("tasks.reported", { text: item.description })} />}
      <p class="muted">{item.address ?? item.line.map((cell) => cell.name).slice(1).join(" · ")}</p>
      {detail?.condition && <p class="caption">{conditionWords(detail.condition)} → {either(detail.condition.closing_zh, detail.condition.closing_en)}</p>}
      {detail ? <Sides photos={detail.photos} /> : <Named ids={named} />}
      {item.point && (
        <div class="mapbox"><MapView area={ownCentre()} grid={grid.value} items={[item]} centre={item.point} zoom={17} here={position.value} /></div>
      )}
    </section>
  );
}

/** What the server says of the task now, else what the phone has kept. */
export function Task({ no }: { no: string }) {
  const listed = tasks.value?.find((task) => task.no === no) ?? null;
  const [fresh, setFresh] = useState<CaseDetail | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = (): void => {
    setError(null);
    fetchCase(no).then(setFresh, setError);
  };
  // a task that leaves the list went elsewhere: where to, the case itself says
  useEffect(load, [no, online.value, listed === null]);
  const detail = fresh ?? details.value[no] ?? null;
  const item: CaseItem | null = detail ?? listed;
  if (!item) return error ? <Missing error={error} retry={load} /> : <Loading />;
  const open = item.stage === "verifying" || item.stage === "checking";
  return (
    <div class="task">
      <Asked item={item} detail={detail} named={listed?.photos ?? []} />
      {isAnswered(no) ? <Banner>{t("tasks.answered")}</Banner> : open ? <AnswerForm item={detail ?? item} /> : <Banner kind="warn">{t("tasks.gone", { stage: word("stage", item.stage) })}</Banner>}
    </div>
  );
}
