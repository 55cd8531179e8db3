/** Asking for what a part of the page shows: the answer, what went wrong, and asking again. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Page } from "../shared/api";
import { dropDraft, keepDraft, readDraft } from "../shared/drafts";
import { address, type Ask, get, signedOut } from "../shared/http";

export interface Asked<T> {
  answer: T | null;
  error: unknown;
  load: () => Promise<void>;
}

/** `path` null: nothing is asked yet. The last answer stays while the same question is asked again. */
export function useAsked<T>(path: string | null, query: NonNullable<Ask["query"]> = {}): Asked<T> {
  const question = path === null ? "" : address(path, query);
  const latest = useRef(question);
  latest.current = question;
  const [state, setState] = useState<{ of: string; answer: T | null; error: unknown }>({ of: question, answer: null, error: null });
  const load = async (): Promise<void> => {
    if (path === null) return;
    try {
      const answer = await get<T>(path, query);
      if (latest.current === question) setState({ of: question, answer, error: null });
    } catch (error) {
      if (latest.current === question) setState((was) => ({ of: question, answer: was.of === question ? was.answer : null, error }));
    }
  };
  useEffect(() => void load(), [question, signedOut.value]);
  const mine = state.of === question;
  return { answer: mine ? state.answer : null, error: mine ? state.error : null, load };
}

export interface Pages<T> {
  items: T[] | null;
  next: string | null;
  error: unknown;
  load: () => Promise<void>;
  more: () => Promise<void>;
}

/** A list page by page; asking again begins at its top. */
export function usePages<T>(path: string, query: NonNullable<Ask["query"]> = {}, limit = 50): Pages<T> {
  const { answer, error, load } = useAsked<Page<T>>(path, { ...query, limit });
  const [further, setFurther] = useState<{ of: Page<T> | null; items: T[]; next: string | null; error: unknown }>({ of: null, items: [], next: null, error: null });
  const mine = further.of === answer ? further : { of: answer, items: [], next: answer?.next ?? null, error: null };
  const more = async (): Promise<void> => {
    if (!mine.next) return;
    try {
      const page = await get<Page<T>>(path, { ...query, limit, cursor: mine.next });
      setFurther({ of: answer, items: [...mine.items, ...page.items], next: page.next, error: null });
    } catch (failure) {
      setFurther({ ...mine, error: failure });
    }
  };
  return { items: answer && [...answer.items, ...mine.items], next: mine.next, error: error ?? mine.error, load, more };
}

/** What is typed under a name, kept until it is forgotten: through reloads, failed saves and other parts of the page. */
export function useDraft<T>(name: string, empty: T): [value: T, change: (value: T) => void, forget: () => void] {
  const [state, setState] = useState<{ of: string; value: T | null }>(() => ({ of: name, value: readDraft<T>(name) }));
  const value = (state.of === name ? state.value : readDraft<T>(name)) ?? empty;
  const change = (next: T): void => {
    keepDraft(name, next);
    setState({ of: name, value: next });
  };
  const forget = (): void => {
    dropDraft(name);
    setState({ of: name, value: null });
  };
  return [value, change, forget];
}
