/** The queues with their counts; where a person begins follows from their role. */
import type { Role } from "../shared/api";
import { count } from "../shared/format";
import { t } from "../shared/language";
import { session } from "../shared/session";
import { counts } from "./cases";
import { goView, type View, view, VIEWS } from "./place";

const FIRST: Partial<Record<Role, View>> = {
  acceptor: "accept", shift_lead: "file", dispatcher: "dispatch", handler: "sign", leader: "supervised", inspector: "verify",
};

export function firstView(): View {
  const role = session.value?.roles[0]?.role;
  return (role && FIRST[role]) ?? "open";
}

const ALARMS: Partial<Record<View, string>> = { soon: "yellow", overdue: "red", supervised: "red" };

export function Views() {
  return (
    <nav class="views" aria-label={t("desk.views")}>
      <ul>
        {VIEWS.map((name) => {
          const n = counts.value[name];
          return (
            <li key={name}>
              <button type="button" aria-current={view.value === name ? "page" : undefined} data-testid={`view-${name}`} onClick={() => goView(name)}>
                <span>{t(`view.${name}`)}</span>
                {n !== undefined && <span class={`count ${n ? (ALARMS[name] ?? "") : "none"}`}>{count(n)}</span>}
              </button>
            </li>
          );
        })}
      </ul>
      <p class="caption keys">{t("desk.keys")}</p>
    </nav>
  );
}
