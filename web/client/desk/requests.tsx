/** What waits for an approval, at the top of the case: who asked, when, why, who decides; and what was decided before. */
import type { CaseDetail } from "../shared/api";
import { type CaseRequest, openRequests } from "../shared/case/turns";
import { limitWords } from "../shared/case/words";
import { brief, exact } from "../shared/format";
import { t, word } from "../shared/language";
import { openVerb, preset } from "./opened";
import { answersRequest, startVerb } from "./verb_buttons";
import { VerbFormBox } from "./verb_form";
import { DECIDES, FORMS } from "./verbs";

/** What is asked for: so much more, until that day. */
export function requestWords({ kind, data }: Pick<CaseRequest, "kind" | "data">): string {
  if (kind === "extension" && data.limit && data.unit) return t("request.more", { limit: limitWords({ limit: data.limit, unit: data.unit }) });
  if (kind === "suspension" && data.resume_on) return t("request.until", { day: data.resume_on });
  return "";
}

function Approvals({ request }: { request: CaseRequest }) {
  if (!request.approvals.length) return null;
  return (
    <ul>
      {request.approvals.map((one) => (
        <li key={`${one.by}-${one.at}`} class="caption">
          {word("approver", one.by)} {one.name} · {word("outcome", one.outcome === "endorsed" ? "granted" : one.outcome)} · {brief(one.at)}{one.text ? ` · ${one.text}` : ""}
        </li>
      ))}
    </ul>
  );
}

function Asked({ request }: { request: CaseRequest }) {
  return (
    <>
      <p>
        <strong>{word("request", request.kind)}</strong>{requestWords(request) && ` · ${requestWords(request)}`}{" "}
        <span class="caption" title={exact(request.asked_at)}>{t("request.asked", { name: request.asked_by ?? t("event.system"), at: brief(request.asked_at) })}</span>
      </p>
      {request.reason && <p class="reason">{request.reason}</p>}
      <Approvals request={request} />
    </>
  );
}

function Open({ request, item }: { request: CaseRequest; item: CaseDetail }) {
  const verb = DECIDES[request.kind];
  const mine = answersRequest(verb, item);
  const open = openVerb.value === verb;
  const toggle = (outcome: "granted" | "denied"): void => (open && preset.value === outcome ? startVerb(null) : startVerb(verb, outcome));
  return (
    <li class="request" data-testid={`request-${request.kind}`}>
      <Asked request={request} />
      {request.awaits && !mine && <p class="caption">{t("request.waits", { who: word("approver", request.awaits) })}</p>}
      {mine && (
        <div class="buttons">
          <button type="button" class={`button ${open ? (preset.value === "granted" ? "chosen" : "") : "main"}`} aria-expanded={open && preset.value === "granted"} aria-keyshortcuts={FORMS[verb].key} data-verb={verb} data-testid={`approve-${request.kind}`} onClick={() => toggle("granted")}>
            {t("request.approve")}
          </button>
          <button type="button" class={`button danger ${open && preset.value === "denied" ? "chosen" : ""}`} aria-expanded={open && preset.value === "denied"} data-testid={`deny-${request.kind}`} onClick={() => toggle("denied")}>{t("request.deny")}</button>
        </div>
      )}
      {mine && open && <VerbFormBox item={item} verb={verb} key={`${item.no}-${verb}`} gone={false} />}
    </li>
  );
}

export function OpenRequests({ item }: { item: CaseDetail }) {
  const open = openRequests(item);
  if (!open.length) return null;
  return (
    <section class="requests" aria-label={t("request.open")} data-testid="requests">
      <ul>{open.map((request) => <Open key={request.id} request={request} item={item} />)}</ul>
    </section>
  );
}

export function PastRequests({ item }: { item: CaseDetail }) {
  const past = item.requests.filter((request) => request.state !== "open");
  if (!past.length) return null;
  return (
    <section aria-labelledby="past-requests">
      <h2 id="past-requests">{t("request.past")}</h2>
      <ul class="past" data-testid="past-requests">
        {past.map((request) => (
          <li key={request.id}>
            <Asked request={request} />
            <p class="caption">{word("request_state", request.state)} · {brief(request.decided_at)}{request.state === "lapsed" ? ` · ${t("request.lapsed_why")}` : ""}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
