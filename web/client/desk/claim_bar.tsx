/** Says that somebody else has the case open, and lets one take it over. */
import { brief, exact } from "../shared/format";
import { t } from "../shared/language";
import { Banner } from "../shared/parts/states";
import { claim, lost, takeOver } from "./claims";

function time(moment: string): string {
  return exact(moment).slice(-5);
}

export function ClaimBar({ no }: { no: string }) {
  if (lost.value?.no === no) {
    return (
      <Banner kind="warn" testid="claim-lost">
        <p>{t("claim.taken", { name: lost.value.person })}</p>
        <button type="button" class="button" onClick={() => takeOver(no)}>{t("claim.take_back")}</button>
      </Banner>
    );
  }
  const other = claim.value?.no === no && !claim.value.claim.mine ? claim.value.claim : null;
  if (!other) return null;
  return (
    <Banner kind="warn" testid="claim">
      <p title={brief(other.at)}>{t("claim.held", { name: other.person, since: time(other.at), until: time(other.until) })}</p>
      <button type="button" class="button" data-testid="take-over" onClick={() => takeOver(no)}>{t("claim.take")}</button>
    </Banner>
  );
}
