/** A row of the inbox: one notice that opens its case, or a fold that opens into its cases. */
import { brief, exact } from "../shared/format";
import { t } from "../shared/language";
import { foldedWords, type Notice, subject, title } from "./notice_words";

interface Props {
  notice: Notice;
  read: (notice: Notice) => void;
  open: (no: string) => void;
}

function Unread({ notice }: { notice: Notice }) {
  return notice.read ? null : <span class="hidden"> · {t("notices.unread")}</span>;
}

function Fold({ notice, read, open }: Props) {
  const folded = notice.folded!;
  const more = folded.count - folded.cases.length;
  return (
    <details class={`notice fold ${notice.read ? "" : "unread"}`} data-testid="notice-fold" onToggle={(event) => event.currentTarget.open && !notice.read && read(notice)}>
      <summary>
        <span class="strong">{title(notice)}<Unread notice={notice} /></span> <time class="caption" dateTime={notice.at} title={`${exact(folded.from)} – ${exact(folded.to)}`}>{brief(notice.at)}</time>
        <br />{foldedWords(folded)}
      </summary>
      <ul>
        {folded.cases.map((no) => <li key={no}><button type="button" class="button plain" onClick={() => open(no)}>{no}</button></li>)}
        {more > 0 && <li class="caption">{t("notices.folded_more", { n: more })}</li>}
      </ul>
    </details>
  );
}

export function NoticeRow(props: Props) {
  const { notice, read, open } = props;
  if (notice.folded) return <li><Fold {...props} /></li>;
  const go = (): void => {
    if (!notice.read) read(notice);
    if (notice.case) open(notice.case.no);
  };
  return (
    <li>
      <button type="button" class={`notice ${notice.read ? "" : "unread"}`} onClick={go} data-testid="notice" data-kind={notice.kind}>
        <span class="strong">{title(notice)}<Unread notice={notice} /></span>
        <time class="caption" dateTime={notice.at} title={exact(notice.at)}>{brief(notice.at)}</time>
        <span>{subject(notice)}</span>
        <span class="caption">{notice.case?.no ?? ""}</span>
      </button>
    </li>
  );
}
