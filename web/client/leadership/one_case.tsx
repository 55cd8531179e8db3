/** One case as leadership reads it: head, photos, why, orders, clocks, story. */
import { useEffect, useState } from "preact/hooks";
import type { CaseDetail, StoryEvent } from "../shared/api";
import { CaseHead, Clocks, Facts, Place, Why } from "../shared/case/facts";
import { fetchCase, fetchStory } from "../shared/case/data";
import { PhotoSides } from "../shared/case/photos";
import { Orders, Rounds } from "../shared/case/rounds";
import { Story } from "../shared/case/story";
import { Failure, Loading } from "../shared/parts/states";

export function OneCase({ no }: { no: string }) {
  const [item, setItem] = useState<CaseDetail | null>(null);
  const [events, setEvents] = useState<StoryEvent[]>([]);
  const [error, setError] = useState<unknown>(null);
  const load = (): void => {
    setError(null);
    Promise.all([fetchCase(no), fetchStory(no)]).then(([found, story]) => (setItem(found), setEvents(story)), setError);
  };
  useEffect(load, [no]);
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
