/** The case in hand: what it is, what waits for a decision, why here, how its clocks stand, what can be done, its story. */
import { ArrowLeft } from "lucide";
import { useEffect, useRef } from "preact/hooks";
import type { CaseDetail } from "../shared/api";
import { Duplicates } from "../shared/case/duplicates";
import { CaseHead, Clocks, Facts, Place, Why } from "../shared/case/facts";
import { PhotoSides } from "../shared/case/photos";
import { Orders, Rounds, Steps } from "../shared/case/rounds";
import { Story } from "../shared/case/story";
import { TurnBanners } from "../shared/case/turn_banners";
import { t } from "../shared/language";
import { Banner, Empty, Failure, Loading } from "../shared/parts/states";
import { Icon } from "../shared/parts/icon";
import { BulkPanel } from "./bulk_panel";
import { CaseLink } from "./case_link";
import { ClaimBar } from "./claim_bar";
import { hold, letGo } from "./claims";
import { detail, detailError, done, openCase, sentAway, story } from "./opened";
import { acting, choose, chosen } from "./place";
import { OpenRequests, PastRequests } from "./requests";
import { closeBulk } from "./selection";
import { Verbs } from "./verb_buttons";

const link = (no: string) => <CaseLink no={no} />;

function Opened({ item }: { item: CaseDetail }) {
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    place.current?.parentElement?.scrollTo(0, 0);
  }, [item.no]);
  return (
    <article class="case" ref={place} data-testid="detail" data-no={item.no}>
      <CaseHead item={item} />
      <ClaimBar no={item.no} />
      {done.value.no === item.no && <Banner kind="good">{done.value.words}</Banner>}
      <TurnBanners item={item} link={link} />
      <OpenRequests item={item} />
      <Verbs item={item} />
      <PhotoSides photos={item.photos} />
      <Duplicates item={item} link={link} />
      <Why item={item} />
      <Facts item={item} />
      <Steps item={item} />
      <Orders item={item} />
      <PastRequests item={item} />
      <Clocks clocks={item.clocks} />
      <Rounds item={item} />
      <Place item={item} />
      <Story events={story.value} link={link} />
    </article>
  );
}

/** Keeps the claim with the case that is shown. */
function useClaim(): void {
  const item = detail.value;
  useEffect(() => {
    if (item) hold(item);
    else letGo();
  }, [item]);
  useEffect(() => {
    window.addEventListener("pagehide", letGo);
    return () => {
      window.removeEventListener("pagehide", letGo);
      letGo();
    };
  }, []);
}

function Back({ go }: { go: () => void }) {
  return <button type="button" class="button plain back" onClick={go} data-testid="back"><Icon of={ArrowLeft} />{t("act.back")}</button>;
}

export function Detail() {
  useClaim();
  const no = chosen.value;
  if (acting.value) return <><Back go={closeBulk} /><BulkPanel /></>;
  if (!no && sentAway.value) return <div class="state" role="status" tabIndex={-1} data-testid="sent-away"><p>{sentAway.value}</p></div>;
  if (!no) return <Empty>{t("detail.pick")}</Empty>;
  const back = <Back go={() => choose(null)} />;
  if (detailError.value) return <>{back}<Failure error={detailError.value} retry={() => void openCase(no)} /></>;
  if (!detail.value) return <>{back}<Loading /></>;
  return <>{back}<Opened item={detail.value} /></>;
}
