/** The ladder: what happens as a limit runs out, ordinary and urgent, edited in place. */
import { useEffect, useState } from "preact/hooks";
import { length } from "../shared/format";
import { put } from "../shared/http";
import { t } from "../shared/language";
import { Failure, Loading } from "../shared/parts/states";
import type { Ladder } from "./api";
import { useAsked, useDraft } from "./asking";
import { History } from "./history";
import { type Faulty, faultsOf, rungsOf, type TypedRung, typed } from "./rungs";
import { RungTable } from "./rung_table";
import { useSending } from "./sending";
import { Done, isStale, Refused } from "./told";

interface Edited {
  version: Ladder["version"] | null;
  ordinary: TypedRung[];
  urgent: TypedRung[];
}

const LIMITS = { ordinary: 480, urgent: 120 } as const;
const NOTHING: Edited = { version: null, ordinary: [], urgent: [] };

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function Editor({ ladder, load }: { ladder: Ladder; load: () => Promise<void> }) {
  const [draft, change, forget] = useDraft<Edited>("admin:ladder", NOTHING);
  const [told, setTold] = useState("");
  const sending = useSending();
  const kept: Edited = { version: ladder.version, ordinary: typed(ladder.ordinary), urgent: typed(ladder.urgent) };
  const now = draft.version === null ? kept : draft;
  const changed = !same(now.ordinary, kept.ordinary) || !same(now.urgent, kept.urgent);
  const faults = { ordinary: faultsOf(now.ordinary), urgent: faultsOf(now.urgent) };
  const faulty = faults.ordinary.length + faults.urgent.length;
  // somebody else's rungs are there now, what was typed is of those before
  const moved = draft.version !== null && draft.version !== ladder.version && changed;
  useEffect(() => {
    if (draft.version !== null && !changed) forget();
  }, [changed]);
  const edit = (part: Partial<Edited>): void => (setTold(""), change({ ...now, ...part }));
  const save = async (): Promise<void> => {
    const done = await sending.send(async () => {
      await put("ladder", { version: ladder.version, ordinary: rungsOf(now.ordinary), urgent: rungsOf(now.urgent) });
    });
    await load();
    if (done) {
      forget();
      setTold(t("ladder.saved"));
    }
  };
  return (
    <>
      <p>{t("ladder.how")}</p>
      <Refused error={sending.error} stale={t("ladder.stale")} />
      {moved && !isStale(sending.error) && <p class="banner warn" role="status">{t("ladder.stale")}</p>}
      {(["ordinary", "urgent"] as const).map((row) => (
        <section class="panel fields" key={row} aria-labelledby={`ladder-${row}`}>
          <h2 id={`ladder-${row}`}>{t(`ladder.${row}`)}</h2>
          <p class="caption">{t("ladder.example", { length: length(LIMITS[row]) })}</p>
          <RungTable name={row} rungs={now[row]} faults={faults[row] as Faulty[]} limit={LIMITS[row]} change={(rungs) => edit({ [row]: rungs })} />
        </section>
      ))}
      <div class={`buttons savebar ${changed ? "sticky" : ""}`}>
        <button type="button" class="button main" disabled={!changed || faulty > 0 || sending.busy} onClick={() => void save()} data-testid="save-ladder">
          {t(sending.busy ? "form.busy" : "ladder.save")}
        </button>
        {changed && <button type="button" class="button" onClick={() => (forget(), sending.forget())}>{t("ladder.undo")}</button>}
        <span class="caption" role="status">{faulty ? t("ladder.faults", { n: faulty }) : changed ? t("ladder.effect") : t("ladder.unchanged")}</span>
      </div>
      <Done words={told} />
      <h2>{t("cal.tab_history")}</h2>
      <History key={ladder.version} of="ladder" />
    </>
  );
}

export function LadderPart() {
  const { answer, error, load } = useAsked<Ladder>("ladder");
  if (error && !answer) return <Failure error={error} retry={() => void load()} />;
  if (!answer) return <Loading />;
  return <Editor ladder={answer} load={load} />;
}
