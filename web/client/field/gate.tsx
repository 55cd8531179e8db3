/** Who may open the phone's page: whom the phone remembers, at once and without a network; others sign in here, in place. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { online, signedOut } from "../shared/http";
import { t } from "../shared/language";
import { LanguageSwitch } from "../shared/parts/frame";
import { SignInBox, SignInForm } from "../shared/parts/sign_in_box";
import { Banner, Failure, Loading } from "../shared/parts/states";
import type { Session } from "../shared/api";
import { loadSession, recall, session } from "../shared/session";

const HOME = "/field";

function SignIn() {
  const then = (answer: Session): void => {
    // a desk's person, signing in on a phone: their own page is elsewhere
    if (answer.home !== HOME) location.assign(answer.home);
  };
  return (
    <main class="gate" data-testid="signin-again">
      <div class="topbar"><span class="grow strong">{t("app.full")}</span><LanguageSwitch /></div>
      <div class="panel">
        <h1>{t("signin.title")}</h1>
        {!online.value && <Banner kind="warn">{t("field.signin_offline")}</Banner>}
        <SignInForm then={then} />
      </div>
    </main>
  );
}

/** The session is asked for behind the page's back; where it is over, a box asks to sign in over the page. */
export function Gate({ children }: { children: ComponentChildren }) {
  const [state, setState] = useState<"asking" | "in" | "out" | "failed">(() => (recall() ? "in" : "asking"));
  const [error, setError] = useState<unknown>(null);
  const ask = (): void => {
    const known = session.value?.person.id;
    loadSession().then((found) => {
      if (!found && known) signedOut.value = true;
      // another person has signed in beside this page: theirs begins anew
      else if (known && session.value?.person.id !== known) location.reload();
      else setState(found ? "in" : "out");
    }, (failure: unknown) => {
      setError(failure);
      if (!known) setState("failed");
    });
  };
  useEffect(ask, []);
  if (state === "failed") return <Failure error={error} retry={ask} />;
  if (state === "asking") return <Loading />;
  if (!session.value) return <SignIn />;
  return (
    <>
      {children}
      {signedOut.value && <SignInBox />}
    </>
  );
}
