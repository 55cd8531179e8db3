/** What stands around every page: language switch, account, sign-in in place when the session ends. */
import type { ComponentChildren } from "preact";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { signedOut } from "../http";
import { isEnglish, language, speak, t } from "../language";
import { loadSession, session, signInAddress, signOut } from "../session";
import { Failure, Loading } from "./states";
import { SignInBox } from "./sign_in_box";

export function LanguageSwitch() {
  return (
    <button type="button" class="button plain" lang={isEnglish() ? "zh-CN" : "en"} aria-label={t("language.label")}
      data-testid="language" onClick={() => speak(isEnglish() ? "zh-CN" : "en")}>
      {t("language.switch")}
    </button>
  );
}

export function SignOutButton() {
  return <button type="button" class="button plain" onClick={() => void signOut()}>{t("signin.out")}</button>;
}

/** Shows the page to somebody signed in; others go to sign in first. */
function Guard({ children }: { children: ComponentChildren }) {
  const [state, setState] = useState<"asking" | "in" | "failed">("asking");
  const [error, setError] = useState<unknown>(null);
  const ask = (): void => {
    loadSession().then(
      (known) => (known ? setState("in") : location.replace(signInAddress())),
      (failure: unknown) => (setError(failure), setState("failed")),
    );
  };
  useEffect(ask, []);
  if (state === "failed") return <Failure error={error} retry={ask} />;
  if (state === "asking" || !session.value) return <Loading />;
  return (
    <>
      {children}
      {signedOut.value && <SignInBox />}
    </>
  );
}

/** Starts a page under `#app`; `title` follows the language. */
export function start(Page: () => ComponentChildren, title: () => string, guarded = true): void {
  language.subscribe(() => {
    document.title = `${title()} · ${t("app.name")}`;
    document.documentElement.lang = language.value;
  });
  const place = document.getElementById("app");
  if (!place) throw new Error("the shell has no #app");
  render(guarded ? <Guard><Page /></Guard> : <Page />, place);
}
