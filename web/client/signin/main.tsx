/** `/`: sign in, then to the person's own place. */
import "../shared/styles/base.css";
import "../shared/styles/parts.css";
import "./signin.css";
import { useEffect } from "preact/hooks";
import type { Session } from "../shared/api";
import { t } from "../shared/language";
import { LanguageSwitch, start } from "../shared/parts/frame";
import { SignInForm } from "../shared/parts/sign_in_box";
import { loadSession, session } from "../shared/session";
import { destination } from "./destination";

function go(answer: Session): void {
  location.assign(destination(answer.home, location.search));
}

function SignIn() {
  useEffect(() => {
    loadSession().then((known) => known && session.value && go(session.value), () => undefined);
  }, []);
  return (
    <div class="signin">
      <header class="topbar"><span class="grow strong">{t("app.full")}</span><LanguageSwitch /></header>
      <main class="panel">
        <h1>{t("signin.title")}</h1>
        <p class="muted">{t("signin.lead")}</p>
        <SignInForm then={go} />
      </main>
    </div>
  );
}

start(() => <SignIn />, () => t("signin.title"), false);
