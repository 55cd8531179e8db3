/** The bell: what I must know, newest first; a notice opens its case and is read then. */
import { Bell } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Inbox, Notice } from "../shared/api";
import { categoryName } from "../shared/case/words";
import { findCategory } from "../shared/catalogue";
import { brief, count, exact } from "../shared/format";
import { get, post } from "../shared/http";
import { t, word } from "../shared/language";
import { Icon } from "../shared/parts/icon";
import { usePolling } from "../shared/polling";
import { texts } from "../shared/texts";
import { choose } from "./place";


function title(notice: Notice): string {
  return `notice.${notice.kind}` in texts ? word("notice", notice.kind) : t("notice.other");
}

function Row({ notice, open }: { notice: Notice; open: (notice: Notice) => void }) {
  const category = findCategory(notice.case.category);
  return (
    <li>
      <button type="button" class={`notice ${notice.read ? "" : "unread"}`} onClick={() => open(notice)} data-testid="notice" data-kind={notice.kind}>
        <span class="strong">{title(notice)}{notice.read ? null : <span class="hidden"> · {t("notices.unread")}</span>}</span>
        <time class="caption" dateTime={notice.at} title={exact(notice.at)}>{brief(notice.at)}</time>
        <span>{categoryName(category ?? null)} · {word("stage", notice.case.stage)}</span>
        <span class="caption">{notice.case.no}</span>
      </button>
    </li>
  );
}

export function NoticeBell() {
  const [inbox, setInbox] = useState<Inbox>({ items: [], unread: 0, next: null });
  const [shown, setShown] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const load = async (): Promise<void> => {
    await get<Inbox>("notices", { limit: 30 }).then(setInbox, () => undefined);
  };
  usePolling(load, 15);
  useEffect(() => {
    if (!shown) return undefined;
    const away = (event: Event): void => void (!place.current?.contains(event.target as Node) && setShown(false));
    const escape = (event: KeyboardEvent): void => void (event.key === "Escape" && setShown(false));
    document.addEventListener("pointerdown", away);
    document.addEventListener("keydown", escape);
    return () => {
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("keydown", escape);
    };
  }, [shown]);
  const read = (body: { ids: number[] } | { all_before: number }): void => {
    post("notices/read", body).then(load, () => undefined);
  };
  const open = (notice: Notice): void => {
    choose(notice.case.no);
    setShown(false);
    if (!notice.read) read({ ids: [notice.id] });
  };
  // what several processes wrote does not always get its ids in the order of its moments
  const items = [...inbox.items].sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || b.id - a.id);
  const newest = Math.max(0, ...items.map((notice) => notice.id));
  return (
    <div class="bell" ref={place}>
      <button type="button" class="button plain" aria-expanded={shown} aria-label={t("notices.bell", { n: inbox.unread })} data-testid="bell" onClick={() => setShown(!shown)}>
        <Icon of={Bell} />{inbox.unread > 0 && <span class="badge" aria-hidden="true">{inbox.unread > 999 ? "999+" : count(inbox.unread)}</span>}
      </button>
      {shown && (
        <section class="inbox" aria-label={t("notices.title")}>
          <header>
            <h2>{t("notices.title")}</h2>
            {inbox.unread > 0 && newest > 0 && (
              <button type="button" class="button plain" onClick={() => read({ all_before: newest })}>{t("notices.read_all")}</button>
            )}
          </header>
          {items.length ? <ul>{items.map((notice) => <Row key={notice.id} notice={notice} open={open} />)}</ul> : <p class="state">{t("notices.empty")}</p>}
        </section>
      )}
    </div>
  );
}
