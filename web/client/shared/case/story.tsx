/** The story of a case, newest first. */
import type { StoryEvent } from "../api";
import { brief, exact } from "../format";
import { either, t, word } from "../language";
import { texts } from "../texts";

const SHOWN = ["reason", "reason_code", "note", "text", "department", "condition", "rung", "clock", "level", "centre", "close_type"];
// their values are words of the catalogue, `name.value`
const CODED = ["rung", "clock", "level", "close_type"];

function plain(name: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  if (typeof value === "object") {
    const data = value as Record<string, string | null>;
    return either(data["zh"] ?? data["name"], data["en"] ?? data["name_en"]) || (data["code"] ?? "");
  }
  const text = String(value);
  if (name === "reason_code") return word("reason", text);
  return CODED.includes(name) ? word(name, text) : text;
}

/** The parts of an event's data that a reader wants, as (label, value). */
export function eventFacts(event: StoryEvent): [string, string][] {
  return SHOWN.map((name): [string, string] => [word("data", name), plain(name, event.data[name])])
    .filter(([, value]) => value !== "");
}

function verbWords(verb: string): string {
  return `event.${verb}` in texts ? word("event", verb) : word("verb", verb);
}

/** An escalation's outcome is the rung of the ladder. */
export function outcomeWords({ verb, outcome }: Pick<StoryEvent, "verb" | "outcome">): string {
  return word(verb === "escalate" ? "rung" : "outcome", outcome ?? "");
}

export function Story({ events }: { events: StoryEvent[] }) {
  return (
    <section aria-labelledby="story-title">
      <h2 id="story-title">{t("detail.story")}</h2>
      {events.length ? null : <p class="caption">{t("detail.story_empty")}</p>}
      <ol class="story" data-testid="story">
        {events.map((event) => (
          <li key={event.id} data-verb={event.verb}>
            <time class="muted" dateTime={event.at} title={exact(event.at)}>{brief(event.at)}</time>
            <div class="what">
              <strong>{verbWords(event.verb)}</strong>
              {event.outcome ? ` · ${outcomeWords(event)}` : null}
              {event.stage_from !== event.stage_to
                ? <span class="muted"> {event.stage_from ? t("event.stage", { from: word("stage", event.stage_from), to: word("stage", event.stage_to) }) : word("stage", event.stage_to)}</span>
                : null}
              <p class="caption">
                {event.person ? `${event.person.name}${event.person.role ? ` · ${word("role", event.person.role)}` : ""}` : t("event.system")}
              </p>
              {eventFacts(event).map(([label, value]) => <p key={label}><span class="muted">{label}</span> {value}</p>)}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
