/** The kinds of notices that another system may want to hear of. */
import { t, word } from "../shared/language";
import { texts } from "../shared/texts";

export const NOTICE_KINDS = [
  "reported", "verify_asked", "verified", "unfounded", "accepted", "rejected", "self_handled", "filed", "sent_back", "dispatched", "refused", "handled",
  "check_asked", "check_passed", "check_failed", "closed", "cancelled", "reopened", "passed_up", "urged", "noted",
  "warn", "urge", "supervise_1", "supervise_2", "supervise_3",
] as const;

export function noticeWords(kind: string): string {
  return `notice.${kind}` in texts ? word("notice", kind) : kind === "other" ? t("notice.other") : kind;
}
