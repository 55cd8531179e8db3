/** One of my reports with its story. */
import "./case_texts";
import { CaseHead, Facts, Place, Why } from "../shared/case/facts";
import { Photos } from "../shared/case/photos";
import { Story } from "../shared/case/story";
import { useCase } from "../shared/case/use_case";
import { t } from "../shared/language";
import { Loading } from "../shared/parts/states";
import { Missing } from "./missing";

export function MineCase({ no }: { no: string }) {
  const { item, events, error, load } = useCase(no);
  if (error) return <Missing error={error} retry={load} />;
  if (!item) return <Loading />;
  return (
    <article class="case">
      <CaseHead item={item} level={1} />
      <Photos photos={item.photos} none={t("detail.no_before")} />
      <Why item={item} />
      <Facts item={item} />
      <Place item={item} />
      <Story events={events} />
    </article>
  );
}
