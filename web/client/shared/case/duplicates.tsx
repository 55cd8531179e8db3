/** What was merged into a case: each duplicate with its reporter, words and photos, beneath the first case. */
import type { ComponentChildren } from "preact";
import type { CaseDetail } from "../api";
import { brief, exact } from "../format";
import { t, word } from "../language";
import { Photos } from "./photos";

export function Duplicates({ item, link }: { item: CaseDetail; link: (no: string) => ComponentChildren }) {
  if (!item.duplicates.length) return null;
  return (
    <section aria-labelledby="duplicates-title" data-testid="duplicates">
      <h2 id="duplicates-title">{t("detail.duplicates", { n: item.duplicates.length })}</h2>
      <ul class="duplicates">
        {item.duplicates.map((one) => (
          <li key={one.no}>
            <p>{link(one.no)} · {word("stage", one.stage)}</p>
            <p class="caption" title={exact(one.reported_at)}>{word("source", one.source)}{one.reporter ? ` · ${one.reporter}` : ""} · {brief(one.reported_at)}</p>
            {one.description && <p>{one.description}</p>}
            <Photos photos={one.photos} none={t("detail.no_photo")} />
          </li>
        ))}
      </ul>
    </section>
  );
}
