/** A table that scrolls sideways where it must, also by keyboard. */
import type { ComponentChildren } from "preact";

export function TableBox({ label, short = false, children }: { label: string; short?: boolean; children: ComponentChildren }) {
  return <div class={`tablebox ${short ? "short" : ""}`} role="group" aria-label={label} tabIndex={0}>{children}</div>;
}
