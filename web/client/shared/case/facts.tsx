/** What a case is, where it lies, why it came here, and how its clocks stand. */
import type { CaseClock, CaseDetail } from "../api";
import { exact, length } from "../format";
import { either, t, word } from "../language";
import { Light, dueWords } from "../parts/light";
import { Reckoning } from "./reckoning";
import { categoryName, conditionWords, departmentName, limitWords, whyWords } from "./words";

type Marked = Pick<CaseDetail, "urged_count" | "supervised_level" | "red_card" | "urgent"> & Partial<Pick<CaseDetail, "awaits" | "joint" | "merged_into">>;

/** A short mark with its whole meaning for pointer and reading aloud. */
function Mark({ kind, words, hint }: { kind: string; words: string; hint: string }) {
  return <span class={`mark ${kind}`} title={hint}>{words}<span class="hidden">{hint}</span></span>;
}

export function Marks({ item }: { item: Marked }) {
  return (
    <>
      {item.urgent && <span class="mark red">{t("case.urgent")}</span>}
      {item.red_card && <span class="mark red">{t("case.red_card")}</span>}
      {item.supervised_level && <Mark kind="red" words={t("case.supervised")} hint={t("case.supervised_by", { level: word("level", item.supervised_level) })} />}
      {item.awaits && <Mark kind="amber" words={t("case.awaits")} hint={t("request.waits", { who: word("approver", item.awaits) })} />}
      {item.joint && <Mark kind="" words={t("case.joint")} hint={t("case.joint_hint")} />}
      {item.merged_into && <Mark kind="" words={t("case.merged")} hint={t("detail.merged_into")} />}
      {item.urged_count > 0 && <span class="mark amber">{t("case.urged", { n: item.urged_count })}</span>}
    </>
  );
}

export function CaseHead({ item, level = 2 }: { item: CaseDetail; level?: 1 | 2 }) {
  const Title = level === 1 ? "h1" : "h2";
  return (
    <header class="head">
      <p class="caption no" data-testid="case-no">{item.no}</p>
      <div class="title">
        <Title tabIndex={-1} data-testid="case-title">{categoryName(item.category)}</Title>
        <span class="strong" data-testid="case-stage" data-stage={item.stage}>{word("stage", item.stage)}</span>
        <Light item={item} long />
        <Marks item={item} />
      </div>
      <p class="caption">{dueWords(item)}</p>
    </header>
  );
}

/** Until when the work is due; while the handling limit rests that moves on, and no moment is promised. */
function handleDue(item: CaseDetail): string | null {
  if (!item.handle_due_at) return null;
  const rests = item.clocks.some((clock) => clock.kind === "handle" && clock.state === "paused");
  return rests ? t("detail.handle_rests") : exact(item.handle_due_at);
}

export function Facts({ item }: { item: CaseDetail }) {
  // of two limits in a row the one that runs
  const limit = item.step > 1 && item.then ? item.then : item.condition;
  const rows: [string, string | null | undefined][] = [
    [t("detail.description"), item.description],
    [t("detail.source"), word("source", item.source)],
    [t("detail.reporter"), item.report?.person],
    [t("detail.reported"), exact(item.reported_at)],
    [t("detail.observed"), item.report?.observed_at ? exact(item.report.observed_at) : null],
    [t("detail.centre"), `${item.centre.name} · ${word("level", item.centre.level)}`],
    [t("detail.department"), item.department ? departmentName(item.department) : null],
    [t("detail.condition"), item.condition ? conditionWords(item.condition) : null],
    [t("detail.limit"), limit ? limitWords(limit) : null],
    [t("detail.closing"), limit ? either(limit.closing_zh, limit.closing_en) : null],
    [t("detail.handle_due"), handleDue(item)],
    [t("detail.close_type"), item.close_type ? word("close_type", item.close_type) : null],
    [t("detail.ended"), item.ended_at ? exact(item.ended_at) : null],
  ];
  return (
    <dl class="key">
      {rows.filter(([, value]) => value).map(([label, value]) => [<dt key={label}>{label}</dt>, <dd key={`${label}-value`}>{value}</dd>])}
    </dl>
  );
}

export function Why({ item }: { item: CaseDetail }) {
  const words = whyWords(item.why);
  return words ? (
    <section aria-labelledby="why-title">
      <h2 id="why-title">{t("detail.why")}</h2>
      <p class="words" data-testid="why">{words}</p>
      <Reckoning deadline={item.why.deadline} />
    </section>
  ) : null;
}

export function Place({ item }: { item: CaseDetail }) {
  const placement = item.placement;
  return (
    <section aria-labelledby="place-title">
      <h2 id="place-title">{t("detail.place")}</h2>
      <ol class="line" aria-label={t("detail.line")}>
        {(placement?.line ?? item.line).map((cell) => <li key={cell.code} title={cell.code}>{cell.name}</li>)}
      </ol>
      <dl class="key">
        {item.address && [<dt key="a">{t("detail.address")}</dt>, <dd key="b">{item.address}</dd>]}
        {placement && [
          <dt key="c">{t("detail.method")}</dt>,
          <dd key="d">{word("method", placement.method)} · {word("confidence", placement.confidence)}</dd>,
        ]}
        {placement && placement.candidates.length > 0 && [
          <dt key="e">{t("detail.candidates")}</dt>,
          <dd key="f">{placement.candidates.map((cell) => `${cell.name} (${Math.round(cell.distance_m)} m)`).join(", ")}</dd>,
        ]}
        {item.point && [
          <dt key="g">{t("detail.coordinates")}</dt>,
          <dd key="h">{item.point.lon.toFixed(6)}, {item.point.lat.toFixed(6)}</dd>,
        ]}
        {!item.point && [<dt key="i">{t("detail.coordinates")}</dt>, <dd key="j">{t("case.unlocated")}</dd>]}
      </dl>
    </section>
  );
}

function clockEnd(clock: CaseClock): string {
  if (clock.state !== "stopped") return word("clock_state", clock.state);
  return clock.on_time === false ? t("detail.stopped_late") : t("detail.stopped_ontime");
}

export function Clocks({ clocks }: { clocks: CaseClock[] }) {
  if (!clocks.length) return null;
  return (
    <section aria-labelledby="clocks-title">
      <h2 id="clocks-title">{t("detail.clocks")}</h2>
      <table>
        <tbody>
          {clocks.map((clock) => (
            <tr key={`${clock.kind}-${clock.round}`}>
              <th scope="row">{word("clock", clock.kind)}{clock.round > 1 ? ` · ${t("case.round", { n: clock.round })}` : ""}</th>
              <td>{t("detail.used", { used: length(clock.used_minutes), limit: length(clock.limit_minutes) })}</td>
              <td>{t("detail.due", { due: exact(clock.due_at) })}</td>
              <td class={clock.on_time === false ? "red" : ""}>{clockEnd(clock)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
