/** One case with its story, for pages that only read it. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { CaseDetail, StoryEvent } from "../api";
import { fetchCase, fetchStory } from "./data";

interface Found {
  item: CaseDetail | null;
  events: StoryEvent[];
  error: unknown;
}

const NOTHING: Found = { item: null, events: [], error: null };

/** Fetches both whenever the number changes, and by `load` again; what comes for a number that was left is dropped. */
export function useCase(no: string): Found & { load: () => void } {
  const [found, setFound] = useState(NOTHING);
  const asked = useRef(0);
  const load = (): void => {
    const mine = (asked.current += 1);
    const put = (answer: Found): void => {
      if (mine === asked.current) setFound(answer);
    };
    setFound((before) => ({ ...before, error: null }));
    Promise.all([fetchCase(no), fetchStory(no)]).then(
      ([item, events]) => put({ item, events, error: null }),
      (error: unknown) => put({ ...NOTHING, error }),
    );
  };
  useEffect(() => {
    setFound(NOTHING);
    load();
    return () => void (asked.current += 1);
  }, [no]);
  return { ...found, load };
}
