/** The last roll calls, and the answers of one as they come in: late and missed ones are marked. */
import { distance, exact } from "../../shared/format";
import { t } from "../../shared/language";
import { Empty, Failure, Loading } from "../../shared/parts/states";
import { type Answer, type AnswerState, type Place, placeOf, readCall, type RollCall } from "./data";
import { useAsked } from "./use_asked";

const ORDER: Record<AnswerState, number> = { missed: 0, waiting: 1, late: 2, answered: 3 };
const LIGHTS: Record<AnswerState, string> = { missed: "red ■", waiting: "paused ‖", late: "yellow ▲", answered: "green ●" };
const STATES = ["answered", "late", "waiting", "missed"] as const;

function State({ state }: { state: AnswerState }) {
  const [light, shape] = LIGHTS[state].split(" ");
  return <span class={`light ${light}`}><span class="shape" aria-hidden="true">{shape}</span>{t(`answer.${state}`)}</span>;
}

function whereWords({ answered_at, point, away_m }: Answer): string {
  if (!answered_at) return "";
  if (!point) return t("answer.no_place");
  if (away_m === null) return "";
  return away_m === 0 ? t("answer.inside") : t("answer.away", { distance: distance(away_m) });
}

function AnswerRow({ one, show }: { one: Answer; show: (place: Place) => void }) {
  const place = placeOf(one);
  return (
    <li data-testid="roll-answer" data-state={one.state}>
      <span class="strong">{one.person.name}</span> <State state={one.state} />
      <span class="caption"> {one.answered_at && <time dateTime={one.answered_at}>{exact(one.answered_at).slice(11)}</time>} {whereWords(one)}</span>
      {place && <button type="button" class="button plain" data-testid="answer-place" aria-label={t("answer.show_of", { name: one.person.name })} onClick={() => show(place)}>{t("answer.show")}</button>}
      {one.text && <p>{one.text}</p>}
      {one.photo && <a href={`/api/v1/photos/${one.photo}`} target="_blank" rel="noopener"><img src={`/api/v1/photos/${one.photo}`} loading="lazy" alt={t("answer.photo", { name: one.person.name })} /></a>}
      {!one.photo && one.photo_named && <p class="caption">{t("answer.photo_coming")}</p>}
    </li>
  );
}

function Answers({ id, seconds, show }: { id: number; seconds: number; show: (place: Place) => void }) {
  const { value, error, again } = useAsked(() => readCall(id), seconds, id);
  if (!value) return error ? <Failure error={error} retry={() => void again()} /> : <Loading />;
  const answers = [...value.answers].sort((a, b) => ORDER[a.state] - ORDER[b.state]);
  return (
    <div class="answers" aria-live="polite">
      <p class="caption">{t("roll.by", { name: value.called_by.name, time: exact(value.answer_by).slice(11) })}{value.text && ` · ${value.text}`}</p>
      <ul>{answers.map((one) => <AnswerRow key={one.person.id} one={one} show={show} />)}</ul>
    </div>
  );
}

interface Props {
  calls: RollCall[] | null;
  error: unknown;
  again: () => void;
  open: number | null;
  choose: (id: number | null) => void;
  seconds: number;
  show: (place: Place) => void;
}

export function RollCalls({ calls, error, again, open, choose, seconds, show }: Props) {
  return (
    <section class="panel calls" aria-label={t("roll.recent")}>
      <h2>{t("roll.recent")}</h2>
      {!calls && (error ? <Failure error={error} retry={again} /> : <Loading />)}
      {calls && !calls.length && <Empty>{t("roll.none")}</Empty>}
      <ul>
        {calls?.map((call) => (
          <li key={call.id}>
            <button type="button" class="callrow" aria-expanded={open === call.id} data-testid="roll-call" data-id={call.id} onClick={() => choose(open === call.id ? null : call.id)}>
              <span>{t("roll.asked", { time: exact(call.called_at).slice(5), centre: call.centre.name, n: call.counts.asked })}</span>
              <span class="caption">{STATES.filter((state) => call.counts[state]).map((state) => t(`roll.${state}`, { n: call.counts[state] })).join(" · ")}</span>
            </button>
            {open === call.id && <Answers id={call.id} seconds={seconds} show={show} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
