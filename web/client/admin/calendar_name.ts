/** What a calendar is called: the city's own, as it was seeded, in the reader's language; every other as it was named. */
import { t } from "../shared/language";

const SEEDED = "Shanghai";

export function calendarName(name: string): string {
  return name === SEEDED ? t("cal.seeded") : name;
}
