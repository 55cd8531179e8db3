/** Empty, loading, error, offline, forbidden: each says what is so and what to do next. */
import type { ComponentChildren } from "preact";
import { online, Problem, Unreachable } from "../http";
import { t } from "../language";
import { session } from "../session";

export function Loading({ what }: { what?: string }) {
  return <p class="state" role="status">{what ?? t("app.loading")}</p>;
}

export function Empty({ children, action }: { children: ComponentChildren; action?: ComponentChildren }) {
  return (
    <div class="state">
      <p>{children}</p>
      {action}
    </div>
  );
}

/** What went wrong, in words for the reader. */
export function why(error: unknown): string {
  if (error instanceof Unreachable) return online.value ? t("state.unreachable") : t("state.offline");
  if (error instanceof Problem) {
    if (error.status === 403 && !error.body.detail) return t("state.forbidden");
    if (error.status === 404 && !error.body.detail) return t("state.not_found");
    return error.message;
  }
  return t("state.error");
}

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const lost = error instanceof Problem && error.status === 403;
  return (
    <div class="state" role="alert" data-testid="failure">
      <p>{why(error)}</p>
      {lost && session.value ? <a class="button" href={session.value.home}>{t("state.home")}</a> : null}
      {retry && !lost ? <button type="button" class="button" onClick={retry}>{t("state.retry")}</button> : null}
    </div>
  );
}

export function Banner({ kind = "", children, testid }: { kind?: "" | "bad" | "warn" | "good"; children: ComponentChildren; testid?: string }) {
  return (
    <div class={`banner ${kind}`} role={kind === "bad" ? "alert" : "status"} data-testid={testid}>
      <div>{children}</div>
    </div>
  );
}

export function OfflineBanner() {
  return online.value ? null : <Banner kind="warn" testid="offline">{t("state.offline")}</Banner>;
}
