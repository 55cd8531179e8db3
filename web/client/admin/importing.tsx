/** The 调休 notice pasted as lines: read at once, looked at, then taken over. */
import { useState } from "preact/hooks";
import { t, word } from "../shared/language";
import { Fault } from "../shared/parts/fields";
import { useDraft } from "./asking";
import type { CalendarProps } from "./calendar_page";
import { Changing } from "./changing";
import { readLines } from "./lines";
import { faultsIn } from "./told";

export const EXAMPLE = `2027-01-01,holiday,元旦
2027-01-02,holiday,元旦
2027-01-03,makeup,元旦调休上班`;

function Read({ read }: { read: ReturnType<typeof readLines> }) {
  const of = (kind: string): number => read.days.filter((one) => one.kind === kind).length;
  if (!read.days.length && !read.faults.length) return null;
  return (
    <div role="status" data-testid="read-lines">
      {read.days.length > 0 && (
        <p>
          {t("import.read", { n: read.days.length, from: read.days[0]!.day, to: read.days.at(-1)!.day })}{" "}
          <span class="muted">{(["holiday", "makeup", "workday", "weekend"] as const).filter(of).map((kind) => `${word("day", kind)} ${of(kind)}`).join(" · ")}</span>
        </p>
      )}
      {read.faults.length > 0 && (
        <ul class="fault">
          {read.faults.slice(0, 10).map((fault) => <li key={fault.line}>{t("import.fault", { line: fault.line, why: t(`import.fault_${fault.code}`), text: fault.text.slice(0, 60) })}</li>)}
          {read.faults.length > 10 && <li>{t("import.faults_more", { n: read.faults.length - 10 })}</li>}
        </ul>
      )}
    </div>
  );
}

/** What the server finds wrong with lines: `text.3` is the third. */
function lineFaults(error: unknown): string | null {
  const found = faultsIn(error).filter((fault) => /^text(\.\d+)?$/.test(fault.field));
  return found.map(({ field, message }) => (field === "text" ? message : t("import.line", { line: field.slice(5), why: message }))).join(" ") || null;
}

export function ImportTab({ calendar, reload }: CalendarProps) {
  const [text, change, forget] = useDraft(`admin:import:${calendar.id}`, "");
  const [error, setError] = useState<unknown>(null);
  const read = readLines(text);
  const fault = lineFaults(error);
  const ready = read.days.length > 0 && !read.faults.length;
  return (
    <section class="panel fields" aria-labelledby="import-title">
      <h3 id="import-title">{t("import.title")}</h3>
      <p>{t("import.hint")}</p>
      <p class="caption">{t("import.fills")}</p>
      <div class="sides">
        <div class="field">
          <label for="import-text">{t("import.lines")}</label>
          <textarea id="import-text" name="import" class="lines" rows={14} spellcheck={false} value={text} aria-invalid={fault ? true : undefined} aria-describedby="import-fault"
            onInput={(event) => change(event.currentTarget.value)} />
          <Fault id="import-fault" text={fault} />
        </div>
        <div class="field">
          <span class="label">{t("import.example")}</span>
          <pre class="example">{EXAMPLE}</pre>
          <p class="caption">{t("import.kinds")}</p>
          <div class="buttons"><button type="button" class="button" disabled={text.trim() !== ""} onClick={() => change(EXAMPLE)}>{t("import.take_example")}</button></div>
        </div>
      </div>
      <Read read={read} />
      <Changing calendar={calendar} change={ready ? { text: read.text } : null} named={read.days.map((one) => one.day)} fields={["text"]} refused={setError} applied={reload} done={forget} />
    </section>
  );
}
