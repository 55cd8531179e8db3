/** Signing in: the form, and the box that asks again in place when a session ends. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem, Unreachable } from "../http";
import { t } from "../language";
import { session, signIn } from "../session";
import type { Session } from "../api";
import { TextField } from "./fields";
import { Banner, why } from "./states";

function reason(error: unknown): string {
  if (error instanceof Problem && error.status === 429) return t("signin.throttled", { s: error.retryAfter ?? 60 });
  if (error instanceof Problem && error.status === 401) return t("signin.bad");
  if (error instanceof Unreachable) return t("state.unreachable");
  return why(error);
}

/** The rest of a throttle's wait, counted down so that the person sees when to try. */
function useWait(error: unknown): number {
  const [wait, setWait] = useState(0);
  useEffect(() => {
    const seconds = error instanceof Problem && error.status === 429 ? (error.retryAfter ?? 60) : 0;
    setWait(seconds);
    if (!seconds) return undefined;
    const timer = setInterval(() => setWait((left) => Math.max(0, left - 1)), 1000);
    return () => clearInterval(timer);
  }, [error]);
  return wait;
}

export function SignInForm({ then, username = "" }: { then: (session: Session) => void; username?: string }) {
  const [name, setName] = useState(username);
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const wait = useWait(error);
  const missing = error === "missing";
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!name.trim() || !password) return setError("missing");
    setBusy(true);
    setError(null);
    try {
      then(await signIn(name.trim(), password));
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const throttled = error instanceof Problem && error.status === 429;
  return (
    <form class="fields" onSubmit={(event) => void submit(event)} noValidate>
      {error ? (
        <Banner kind="bad" testid="signin-error">
          {missing ? t("signin.missing") : throttled && wait ? t("signin.throttled", { s: wait }) : reason(error)}
        </Banner>
      ) : null}
      <TextField label={t("signin.username")} name="username" value={name} change={setName} complete="username" required />
      <TextField label={t("signin.password")} name="password" type={shown ? "text" : "password"} value={password}
        change={setPassword} complete="current-password" required />
      <label>
        <input type="checkbox" checked={shown} onChange={() => setShown(!shown)} /> {t("signin.show")}
      </label>
      <button class="button main" disabled={busy || (throttled && wait > 0)} data-testid="signin-submit">
        {busy ? t("signin.busy") : t("signin.submit")}
      </button>
    </form>
  );
}

/** A dialog over the page: the page and what was typed stay beneath. */
export function SignInBox() {
  const box = useRef<HTMLDialogElement>(null);
  const before = useRef(session.peek()?.person);
  useEffect(() => {
    box.current?.showModal();
    if (before.current) box.current?.querySelector<HTMLElement>("[name=password]")?.focus();
  }, []);
  const again = (answer: Session): void => {
    box.current?.close();
    // another person must not go on in the first one's page
    if (answer.person.id !== before.current?.id) location.assign(answer.home);
  };
  return (
    <dialog ref={box} aria-labelledby="sign-in-again" data-testid="signin-again" onCancel={(event) => event.preventDefault()}>
      <h2 id="sign-in-again">{t("signin.title")}</h2>
      <p class="muted">{t("signin.again")}</p>
      <SignInForm then={again} username={before.current?.username ?? ""} />
    </dialog>
  );
}
