/** The bell: what I must know, newest first; a notice opens its case and is read then. */
import { Bell } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { count } from "../shared/format";
import { get, post, signedOut } from "../shared/http";
import { t } from "../shared/language";
import { Icon } from "../shared/parts/icon";
import { usePolling } from "../shared/polling";
import { live, useStream } from "../shared/stream";
import { NoticeRow } from "./notice_row";
import { NoticeSettings } from "./notice_settings";
import { idsOf, type Inbox, type Notice } from "./notice_words";
import { choose } from "./place";

const POLL_SECONDS = 15;
const POLL_LIVE_SECONDS = 120;

/** A pointer elsewhere and Escape close what is open. */
function useAway(open: boolean, close: () => void) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const away = (event: Event): void => void (!place.current?.contains(event.target as Node) && close());
    const escape = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close();
      place.current?.querySelector<HTMLElement>("button")?.focus();
    };
    document.addEventListener("pointerdown", away);
    document.addEventListener("keydown", escape, true);
    return () => {
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("keydown", escape, true);
    };
  }, [open]);
  return place;
}

export function NoticeBell() {
  const [inbox, setInbox] = useState<Inbox>({ items: [], unread: 0, next: null });
  const [shown, setShown] = useState(false);
  const [settings, setSettings] = useState(false);
  const close = (): void => {
    setShown(false);
    setSettings(false);
  };
  const place = useAway(shown, close);
  const load = async (): Promise<void> => {
    await get<Inbox>("notices", { limit: 30 }).then(setInbox, () => undefined);
  };
  usePolling(load, live.value ? POLL_LIVE_SECONDS : POLL_SECONDS, signedOut.value);
  useStream({
    unread: (unread) => {
      setInbox((was) => ({ ...was, unread }));
      if (shown) void load();
    },
  }, !signedOut.value);
  useEffect(() => {
    if (shown) void load();
  }, [shown]);
  const read = (body: { ids: number[] } | { all_before: number }): void => {
    post("notices/read", body).then(load, () => undefined);
  };
  const open = (no: string): void => {
    choose(no);
    close();
  };
  // what several processes wrote does not always get its ids in the order of its moments
  const items = [...inbox.items].sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || b.id - a.id);
  const newest = Math.max(0, ...items.flatMap(idsOf));
  return (
    <div class="bell" ref={place}>
      <button type="button" class="button plain" aria-expanded={shown} aria-label={t("notices.bell", { n: inbox.unread })} data-testid="bell" onClick={() => (shown ? close() : setShown(true))}>
        <Icon of={Bell} />{inbox.unread > 0 && <span class="badge" aria-hidden="true">{inbox.unread > 999 ? "999+" : count(inbox.unread)}</span>}
      </button>
      {shown && (
        <section class="inbox" aria-label={t("notices.title")}>
          <header>
            <h2>{t("notices.title")}</h2>
            {inbox.unread > 0 && newest > 0 && (
              <button type="button" class="button plain" onClick={() => read({ all_before: newest })}>{t("notices.read_all")}</button>
            )}
            <button type="button" class="button plain" aria-expanded={settings} onClick={() => setSettings(!settings)} data-testid="notice-settings-open">{t("notices.settings")}</button>
          </header>
          {settings && <NoticeSettings close={() => setSettings(false)} />}
          {items.length
            ? <ul>{items.map((notice: Notice) => <NoticeRow key={notice.id} notice={notice} open={open} read={(one) => read({ ids: idsOf(one).slice(0, 200) })} />)}</ul>
            : <p class="state">{t("notices.empty")}</p>}
        </section>
      )}
    </div>
  );
}
