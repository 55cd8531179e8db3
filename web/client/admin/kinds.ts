/** The kinds of notices that another system may want to hear of. */
import { t, word } from "../shared/language";
import { texts } from "../shared/texts";

export const NOTICE_KINDS = [
  "reported", "verify_asked", "verified", "unfounded", "accepted", "rejected", "self_handled", "filed", "sent_back", "dispatched", "refused",
  "handled", "check_asked", "check_passed", "check_failed", "closed", "cancelled", "reopened", "passed_up", "urged", "noted", "cancel_asked",
  "cancel_denied", "force_close_asked", "force_close_denied", "force_closed", "signed", "part_refused", "part_done", "step_done", "extension_asked",
  "extension_endorsed", "extension_granted", "extension_denied", "suspension_asked", "suspension_endorsed", "suspended", "suspension_denied",
  "resumed", "supervised", "supervision_replied", "merged", "unmerged", "recategorised", "relocated", "appealed", "appeal_endorsed",
  "appeal_granted", "appeal_denied", "calendar_ends", "roll_call", "fence", "warn", "urge", "reply_warn", "reply_urge", "supervise_1", "supervise_2", "supervise_3",
] as const;

export function noticeWords(kind: string): string {
  return `notice.${kind}` in texts ? word("notice", kind) : kind === "other" ? t("notice.other") : kind;
}
