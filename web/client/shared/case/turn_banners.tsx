/** What is unusual about a case's turn, in a line each: suspended, disputed, reworked, excused, merged into another. */
import type { ComponentChildren } from "preact";
import type { CaseDetail } from "../api";
import { day, exact } from "../format";
import { t } from "../language";
import { Banner } from "../parts/states";

interface Props {
  item: CaseDetail;
  /** How this page opens another case. */
  link: (no: string) => ComponentChildren;
}

export function TurnBanners({ item, link }: Props) {
  const into = item.merged_into;
  const open = item.ended_at === null;
  return (
    <>
      {into && <Banner testid="merged-into"><p>{t("detail.merged_into")} {link(into)}</p></Banner>}
      {item.stage === "suspended" && item.resume_at && <Banner kind="warn" testid="suspended"><p>{t("detail.suspended", { day: day(item.resume_at) })}</p></Banner>}
      {open && item.refused_count >= 2 && <Banner kind="warn" testid="disputed"><p>{t(item.designated ? "detail.designated_after" : "detail.disputed", { n: item.refused_count })}</p></Banner>}
      {open && item.designated && item.refused_count < 2 && <Banner><p>{t("detail.designated")}</p></Banner>}
      {item.excused_at && <Banner><p>{t("detail.excused", { at: exact(item.excused_at) })}</p></Banner>}
    </>
  );
}
