/** Sending a form: busy while it is on its way, and why it was refused. */
import { useState } from "preact/hooks";
import { useFormError } from "../shared/parts/form_error";

export interface Sending {
  busy: boolean;
  error: unknown;
  /** True: it was taken. */
  send: (deed: () => Promise<void>) => Promise<boolean>;
  forget: () => void;
}

export function useSending(): Sending {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useFormError();
  const send = async (deed: () => Promise<void>): Promise<boolean> => {
    setBusy(true);
    setError(null);
    try {
      await deed();
      return true;
    } catch (failure) {
      setError(failure);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, send, forget: () => setError(null) };
}
