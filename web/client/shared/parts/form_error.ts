/** Why a form could not be sent; that nobody was signed in is forgotten as soon as somebody is again. */
import { useEffect, useState } from "preact/hooks";
import { Problem, signedOut } from "../http";

export function useFormError(): [error: unknown, setError: (error: unknown) => void] {
  const [error, setError] = useState<unknown>(null);
  const out = signedOut.value;
  useEffect(() => {
    if (!out) setError((was: unknown) => (was instanceof Problem && was.status === 401 ? null : was));
  }, [out]);
  return [error, setError];
}
