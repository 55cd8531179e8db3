/** Who I am on this phone, and signing out: said beforehand what stays unsent, and that it needs a connection. */
import { useState } from "preact/hooks";
import { count } from "../shared/format";
import { online } from "../shared/http";
import { t, word } from "../shared/language";
import { Banner, why } from "../shared/parts/states";
import { session, signOut } from "../shared/session";
import { duty } from "./shift/duty";
import { sendTrack } from "./shift/watch";
import { lacking, refused, waiting } from "./outbox/items";

function SignOut() {
  const [asked, setAsked] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const n = waiting.value.length + refused.value.length + lacking.value.length;
  const offline = !online.value;
  const toKnow = n > 0 || duty.value !== null;
  const leave = async (): Promise<void> => {
    setAsked(true);
    setError(null);
    if (toKnow && !asked) return;
    setBusy(true);
    try {
      await sendTrack();
      await signOut();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {asked && (offline || toKnow || error !== null) && (
        <Banner kind="warn" testid="signout-note">
          {offline ? <p>{t("mine.out_offline")}</p> : error !== null && <p>{why(error)}</p>}
          {n > 0 && <p>{t("mine.out_pending", { n: count(n) })}</p>}
          {duty.value && <p>{t("mine.out_duty")}</p>}
          {!offline && <p>{t("mine.out_kept")}</p>}
        </Banner>
      )}
      {asked && toKnow && !busy && <button type="button" class="button" data-testid="sign-out-cancel" onClick={() => setAsked(false)}>{t("act.cancel")}</button>}
      <button type="button" class="button plain" disabled={busy} onClick={() => void leave()} data-testid="sign-out">
        {t(asked && toKnow && !offline ? "mine.out_sure" : "signin.out")}
      </button>
    </>
  );
}

export function Account() {
  const who = session.value;
  return who ? (
    <section class="panel account" aria-label={t("mine.account")}>
      <p class="strong">{who.person.name}</p>
      {who.roles.map((seat) => <p class="caption" key={`${seat.role}-${seat.centre.code}`}>{seat.centre.name} · {word("role", seat.role)}</p>)}
      <SignOut />
    </section>
  ) : null;
}
