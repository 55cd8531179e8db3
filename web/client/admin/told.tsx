/** What a form says after it was sent: why not, or that it is done. */
import type { ComponentChildren } from "preact";
import { type Fault, Problem } from "../shared/http";
import { t } from "../shared/language";
import { Banner, why } from "../shared/parts/states";

export function isStale(error: unknown): boolean {
  return error instanceof Problem && error.name === "stale-version";
}

export function faultsIn(error: unknown): Fault[] {
  return error instanceof Problem ? error.faults : [];
}

/** The words of the faults on one field, also on what lies within it. */
export function faultOn(error: unknown, field: string): string | null {
  const found = faultsIn(error).filter((fault) => fault.field === field || fault.field.startsWith(`${field}.`) || fault.field.startsWith(`${field}[`));
  return found.length ? [...new Set(found.map((fault) => fault.message))].join(" ") : null;
}

/** Faults on `fields` stand beside these; the others are told here, under the reason. */
export function Refused({ error, fields = [], stale, children }: { error: unknown; fields?: readonly string[]; stale?: string; children?: ComponentChildren }) {
  if (!error) return null;
  const rest = faultsIn(error).filter((fault) => !fields.some((field) => fault.field === field || fault.field.startsWith(`${field}.`)));
  return (
    <Banner kind="bad" testid="refused">
      <p>{isStale(error) && stale ? stale : faultsIn(error).length ? t(rest.length ? "admin.mend" : "admin.mend_fields") : why(error)}</p>
      {rest.map((fault) => <p key={`${fault.field} ${fault.code}`}>{fault.field ? `${fault.field}: ` : ""}{fault.message}</p>)}
      {children}
    </Banner>
  );
}

export function Done({ words }: { words: string }) {
  return <p class="done" role="status" data-testid="done">{words && <><span class="green" aria-hidden="true">● </span>{words}</>}</p>;
}

export function MoreButton({ next, more }: { next: string | null; more: () => Promise<void> }) {
  return next ? <p class="more"><button type="button" class="button" onClick={() => void more()}>{t("admin.more")}</button></p> : null;
}
