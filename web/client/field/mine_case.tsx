/** One of my reports with its story; without a connection, what this phone has of it. */
import "./case_texts";
import "./room_texts";
import type { CasePhoto } from "../shared/api";
import { CaseHead, Facts, Place, Why } from "../shared/case/facts";
import { Photos, PhotoSides } from "../shared/case/photos";
import { Story } from "../shared/case/story";
import { useCase } from "../shared/case/use_case";
import { categoryName } from "../shared/case/words";
import { findCategory } from "../shared/catalogue";
import { exact } from "../shared/format";
import { Unreachable } from "../shared/http";
import { t, word } from "../shared/language";
import { Banner, Loading } from "../shared/parts/states";
import { session } from "../shared/session";
import { Missing } from "./missing";
import { outbox } from "./outbox/items";
import type { Kept } from "./outbox/kinds";
import { ownReports } from "./sync";
import type { OwnReport } from "./sync_shapes";

/** Those from before the work and those from after it, where there are such. */
export function Pictures({ photos }: { photos: CasePhoto[] }) {
  return photos.some(({ kind }) => kind === "after" || kind === "check") ? <PhotoSides photos={photos} /> : <Photos photos={photos} none={t("detail.no_before")} />;
}

interface Known {
  listed: OwnReport | undefined;
  sent: Kept | undefined;
}

/** What was sent from here, and what the last list said of it. */
function knownOf(no: string): Known | null {
  const listed = ownReports.value.find((report) => report.no === no);
  const sent = outbox.value.find((item) => item.receipt?.case.no === no && item.person === session.value?.person.id);
  return listed || sent ? { listed, sent } : null;
}

function OnPhone({ no, known: { listed, sent }, retry }: { no: string; known: Known; retry: () => void }) {
  const category = listed?.category ?? findCategory(sent?.report?.category_code) ?? null;
  return (
    <article class="case" data-testid="mine-on-phone">
      <header class="head">
        <p class="caption no">{no}</p>
        <div class="title"><h1 tabIndex={-1}>{categoryName(category)}</h1>{listed && <span class="strong">{word("stage", listed.stage)}</span>}</div>
        <p class="caption">{exact(listed?.reported_at ?? sent?.made_at)}</p>
      </header>
      <Banner kind="warn"><p>{t("mine.on_phone")}</p><button type="button" class="button" onClick={retry}>{t("state.retry")}</button></Banner>
      {sent?.report?.description && <p class="words">{sent.report.description}</p>}
      {sent?.receipt?.placement && <p class="muted">{sent.receipt.placement.line.slice(1).map((cell) => cell.name).join(" › ")}</p>}
      {sent && sent.pictures.length > 0 && <p class="muted">{t("outbox.photos", { n: sent.pictures.length })}</p>}
    </article>
  );
}

export function MineCase({ no }: { no: string }) {
  const { item, events, error, load } = useCase(no);
  const known = knownOf(no);
  if (error) return known && error instanceof Unreachable ? <OnPhone no={no} known={known} retry={load} /> : <Missing error={error} retry={load} />;
  if (!item) return <Loading />;
  return (
    <article class="case">
      <CaseHead item={item} level={1} />
      <Pictures photos={item.photos} />
      <Why item={item} />
      <Facts item={item} />
      <Place item={item} />
      <Story events={events} />
    </article>
  );
}
