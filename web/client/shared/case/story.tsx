/** The story of a case, newest first. */
import type { ComponentChildren } from "preact";
import type { StoryEvent } from "../api";
import { brief, exact } from "../format";
import { t, word } from "../language";
import { texts } from "../texts";
import { eventFacts } from "./event_facts";

export { eventFacts };

const CASE_NO = /^\d{16,24}$/;

function verbWords({ verb, outcome }: Pick<StoryEvent, "verb" | "outcome">): string {
  if (verb === "merge" && outcome) return t(outcome === "released" ? "event.merge_undone" : "event.merged");
  return `event.${verb}` in texts ? word("event", verb) : word("verb", verb);
}

/** An escalation's outcome is the rung of the ladder. */
export function outcomeWords({ verb, outcome }: Pick<StoryEvent, "verb" | "outcome">): string {
  if (verb === "merge") return "";
  return word(verb === "escalate" ? "rung" : "outcome", outcome ?? "");
}

interface Props {
  events: StoryEvent[];
  /** How this page opens another case that the story names; else its number stands there. */
  link?: (no: string) => ComponentChildren;
}

export function Story({ events, link = (no) => no }: Props) {
  return (
    <section aria-labelledby="story-title">
      <h2 id="story-title">{t("detail.story")}</h2>
      {events.length ? null : <p class="caption">{t("detail.story_empty")}</p>}
      <ol class="story" data-testid="story">
        {events.map((event) => (
          <li key={event.id} data-verb={event.verb}>
            <time class="muted" dateTime={event.at} title={exact(event.at)}>{brief(event.at)}</time>
            <div class="what">
              <strong>{verbWords(event)}</strong>
              {outcomeWords(event) ? ` · ${outcomeWords(event)}` : null}
              {event.stage_from !== event.stage_to
                ? <span class="muted"> {event.stage_from ? t("event.stage", { from: word("stage", event.stage_from), to: word("stage", event.stage_to) }) : word("stage", event.stage_to)}</span>
                : null}
              <p class="caption">
                {event.person ? `${event.person.name}${event.person.role ? ` · ${word("role", event.person.role)}` : ""}` : t("event.system")}
              </p>
              {eventFacts(event).map(([label, value]) => <p key={label}><span class="muted">{label}</span> {CASE_NO.test(value) ? link(value) : value}</p>)}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
