/** One case as leadership reads it: head, photos, why, orders, clocks, story. */
import { CaseHead, Clocks, Facts, Place, Why } from "../shared/case/facts";
import { PhotoSides } from "../shared/case/photos";
import { Orders, Rounds } from "../shared/case/rounds";
import { Story } from "../shared/case/story";
import { useCase } from "../shared/case/use_case";
import { Failure, Loading } from "../shared/parts/states";

export function OneCase({ no }: { no: string }) {
  const { item, events, error, load } = useCase(no);
  if (error) return <Failure error={error} retry={load} />;
  if (!item) return <Loading />;
  return (
    <article class="case" data-testid="drawer-case">
      <CaseHead item={item} />
      <PhotoSides photos={item.photos} />
      <Why item={item} />
      <Facts item={item} />
      <Orders item={item} />
      <Clocks clocks={item.clocks} />
      <Rounds item={item} />
      <Place item={item} />
      <Story events={events} />
    </article>
  );
}
