/** What is asked again and again: the last answer stays while a later question fails. */
import { useState } from "preact/hooks";
import { signedOut } from "../../shared/http";
import { usePolling } from "../../shared/polling";

export interface Asked<T> {
  value: T | null;
  error: unknown;
  again: () => Promise<void>;
}

export function useAsked<T>(ask: () => Promise<T>, seconds: number, key: unknown = null): Asked<T> {
  const [state, setState] = useState<{ key: unknown; value: T | null; error: unknown }>({ key, value: null, error: null });
  const again = async (): Promise<void> => {
    try {
      setState({ key, value: await ask(), error: null });
    } catch (error) {
      setState((was) => ({ key, value: was.key === key ? was.value : null, error }));
    }
  };
  usePolling(again, seconds, `${String(key)} ${signedOut.value}`);
  return { value: state.key === key ? state.value : null, error: state.error, again };
}
