/** `/`: sign in, then to the person's own place; the server sends those on who are signed in already. */
import "./texts";
import "../shared/styles/base.css";
import "../shared/styles/parts.css";
import "./signin.css";
import type { Session } from "../shared/api";
import { t } from "../shared/language";
import { LanguageSwitch, start } from "../shared/parts/frame";
import { SignInForm } from "../shared/parts/sign_in_box";
import { destination } from "./destination";

function go(answer: Session): void {
  location.assign(destination(answer.home, location.search));
}

function SignIn() {
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
