/** The queues with their counts; where a person begins follows from their role. */
import { useEffect, useRef } from "preact/hooks";
import { count } from "../shared/format";
import { t } from "../shared/language";
import { may, session } from "../shared/session";
import { counts } from "./cases";
import { goView, PATROL, type View, view, VIEWS } from "./place";

/** A leader looks at what is supervised; everybody else begins with what waits for them. */
export function firstView(): View {
  return session.value?.roles[0]?.role === "leader" ? "supervised" : "mine";
}

const ALARMS: Partial<Record<View, string>> = { soon: "yellow", overdue: "red", supervised: "red", decisions: "yellow", disputed: "yellow" };

export function Views() {
  const strip = useRef<HTMLElement>(null);
  useEffect(() => strip.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }), [view.value, Object.keys(counts.value).length]);
  return (
    <nav class="views" ref={strip} aria-label={t("desk.views")}>
      <ul>
        {VIEWS.map((name) => {
          const n = counts.value[name];
          return (
            <li key={name}>
              <button type="button" aria-current={view.value === name ? "page" : undefined} data-testid={`view-${name}`}
                onClick={() => goView(name)}>
                <span>{t(`view.${name}`)}</span>
                {n !== undefined && <span class={`count ${n ? (ALARMS[name] ?? "") : "none"}`}>{count(n)}</span>}
              </button>
            </li>
          );
        })}
        {may("lead_patrol") && (
          <li>
            <button type="button" aria-current={view.value === PATROL ? "page" : undefined} data-testid="view-patrol" onClick={() => goView(PATROL)}>
              <span>{t("view.patrol")}</span>
            </button>
          </li>
        )}
      </ul>
      <p class="caption keys">{t("desk.keys")}<br />{t("bulk.keys")}</p>
    </nav>
  );
}
