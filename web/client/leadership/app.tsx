/** The frame: period and as-of on top, numbers, then table and map, and the drawer with the cases. */
import { useEffect, useState } from "preact/hooks";
import type { LineCell, Statistics } from "../shared/api";
import { exact } from "../shared/format";
import { get, signedOut } from "../shared/http";
import { t } from "../shared/language";
import { MapView } from "../shared/map/view";
import { LanguageSwitch, SignOutButton } from "../shared/parts/frame";
import { Failure, Loading, OfflineBanner } from "../shared/parts/states";
import { usePolling } from "../shared/polling";
import { ownCentre, session } from "../shared/session";
import { Areas } from "./areas";
import { Bulletin } from "./bulletin";
import { Crumbs } from "./crumbs";
import { below } from "./levels";
import { Drawer } from "./drawer";
import { Numbers } from "./numbers";
import { PeriodBar } from "./period_bar";
import { PAGES, question, show, shown } from "./place";

/** The area shown: the one opened, else the person's own. */
function useArea(answer: Statistics | null): Pick<LineCell, "code" | "level"> & { name: string } {
  const own = ownCentre();
  return answer?.cell ?? own ?? { code: "", level: "city", name: "" };
}

function useStatistics() {
  const [answer, setAnswer] = useState<Statistics | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = async (): Promise<void> => {
    const { from, to, cell } = JSON.parse(question.value) as { from: string; to: string; cell: string | null };
    const code = cell ?? ownCentre()?.code ?? null;
    const asked = question.value;
    try {
      const level = (await levelOf(code)) ?? ownCentre()?.level ?? "city";
      const found = await get<Statistics>("statistics", { from, to, cell: code, by: below(level) ?? "none" });
      if (question.value !== asked) return;
      setAnswer(found);
      setError(null);
    } catch (failure) {
      if (question.value === asked) setError(failure);
    }
  };
  usePolling(load, 60, `${question.value} ${signedOut.value}`);
  return { answer, error, load };
}

const levels = new Map<string, LineCell["level"]>();

/** A cell opened by link: its level decides what the rows are. */
async function levelOf(code: string | null): Promise<LineCell["level"] | undefined> {
  const own = ownCentre();
  if (!code || code === own?.code) return own?.level;
  if (!levels.has(code)) levels.set(code, (await get<LineCell>(`cells/${code}`)).level);
  return levels.get(code);
}

function Body({ answer }: { answer: Statistics }) {
  const area = useArea(answer);
  const enter = (code: string): void => {
    const row = answer.items.find((item) => item.key === code);
    if (row?.level && row.level !== "village" && row.key) {
      levels.set(row.key, row.level);
      show({ cell: row.key });
    }
  };
  const values = Object.fromEntries(answer.items.flatMap((row) => (row.key ? [[row.key, Number(row["overdue_open_num"] ?? 0)]] : [])));
  return (
    <>
      <Numbers answer={answer} />
      <div class="where">
        <Areas answer={answer} enter={enter} />
        <figure>
          <div class="leadmap"><MapView area={area} values={values} enter={enter} /></div>
          <figcaption class="caption">{t(area.level === "city" || area.level === "district" ? "lead.chart" : "lead.chart_lowest")}</figcaption>
        </figure>
      </div>
    </>
  );
}

function Pages() {
  return (
    <div class="buttons" role="group" aria-label={t("lead.pages")}>
      {PAGES.map((page) => (
        <button key={page} type="button" class={`button ${shown.value.page === page ? "chosen" : ""}`} aria-pressed={shown.value.page === page} data-testid={`page-${page}`}
          onClick={() => show({ page, opened: null, card: null })}>
          {t(`lead.page_${page}`)}
        </button>
      ))}
    </div>
  );
}

/** The numbers against their targets, where, and which cases. */
function NumbersPage() {
  const { answer, error, load } = useStatistics();
  return (
    <>
      <div class="bar">
        {answer && <Crumbs line={answer.line.length ? answer.line : [{ ...(ownCentre() as LineCell) }]} />}
        <PeriodBar />
        {answer && <p class="caption asof" role="status"><span data-testid="as-of">{t("lead.as_of", { time: exact(answer.as_of) })}</span> · {t("lead.by_reported")}</p>}
      </div>
      {error && !answer ? <Failure error={error} retry={() => void load()} /> : null}
      {answer ? <Body answer={answer} /> : error ? null : <Loading />}
      {shown.value.opened && answer && <Drawer answer={answer} reload={load} />}
    </>
  );
}

export function Leadership() {
  const { cell, page } = shown.value;
  useEffect(() => window.scrollTo(0, 0), [cell, page]);
  return (
    <div class="leadership">
      <header class="topbar">
        <h1 class="grow">{t(page === "bulletin" ? "bul.title" : "lead.title")}</h1>
        <span class="muted wide">{session.value?.person.name}</span>
        <LanguageSwitch />
        <SignOutButton />
      </header>
      <main>
        <OfflineBanner />
        <Pages />
        {page === "bulletin" ? <><div class="bar noprint"><PeriodBar /></div><Bulletin /></> : <NumbersPage />}
      </main>
    </div>
  );
}
