/** The frame: the parts on top, one of them below. */
import { useEffect } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { loadCategories } from "../shared/catalogue";
import { t } from "../shared/language";
import { LanguageSwitch, SignOutButton } from "../shared/parts/frame";
import { OfflineBanner } from "../shared/parts/states";
import { session } from "../shared/session";
import { CalendarsPart } from "./calendars";
import { DepartmentsPart } from "./departments";
import { LadderPart } from "./ladder";
import { OutgoingPart } from "./outgoing";
import { PeoplePart } from "./people";
import { addressOf, go, PARTS, type Part, place } from "./place";

const SHOWN: Record<Part, () => ComponentChildren> = {
  calendars: () => <CalendarsPart />,
  ladder: () => <LadderPart />,
  departments: () => <DepartmentsPart />,
  outgoing: () => <OutgoingPart />,
  people: () => <PeoplePart />,
};

function Parts() {
  return (
    <nav class="parts" aria-label={t("admin.parts")}>
      <ul>
        {PARTS.map((part) => (
          <li key={part}>
            <a href={addressOf({ ...place.value, part })} aria-current={place.value.part === part ? "page" : undefined} data-testid={`part-${part}`}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                event.preventDefault();
                go({ part });
              }}>
              {t(`admin.${part}`)}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

export function Admin() {
  const { part, calendar } = place.value;
  useEffect(() => void loadCategories().catch(() => undefined), []);
  useEffect(() => window.scrollTo(0, 0), [part, calendar]);
  return (
    <div class="admin">
      <a class="skip" href="#part">{t("admin.skip")}</a>
      <header class="topbar">
        <h1 class="grow">{t("admin.title")}</h1>
        <span class="muted wide">{session.value?.person.name}</span>
        <a class="button plain" href="/desk">{t("desk.title")}</a>
        <a class="button plain wide" href="/leadership">{t("lead.title")}</a>
        <a class="button plain wide" href="/api/docs">API</a>
        <LanguageSwitch />
        <SignOutButton />
      </header>
      <Parts />
      <main id="part" tabIndex={-1}>
        <OfflineBanner />
        {SHOWN[part]()}
      </main>
    </div>
  );
}
