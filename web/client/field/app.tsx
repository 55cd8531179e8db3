/** The frame of the phone: where I am, the outbox bar, the room, the bottom bar. */
import { CircleUser, ClipboardList, type IconNode, Map as MapIcon, CirclePlus } from "lucide";
import { useEffect } from "preact/hooks";
import { loadCategories } from "../shared/catalogue";
import { online } from "../shared/http";
import { t } from "../shared/language";
import { Icon } from "../shared/parts/icon";
import { LanguageSwitch } from "../shared/parts/frame";
import { ownCentre } from "../shared/session";
import { FieldMap } from "./field_map";
import { Mine, MineCase } from "./mine";
import { OutboxBar, OutboxRoom } from "./outbox_room";
import { followMe } from "./position";
import { Report } from "./report";
import { go, type Room, route } from "./route";
import { startSending } from "./sending";
import { Task } from "./task";
import { Tasks } from "./tasks";

const TABS: [Room, IconNode, "field.tasks" | "field.map" | "field.report" | "field.mine"][] = [
  ["tasks", ClipboardList, "field.tasks"],
  ["map", MapIcon, "field.map"],
  ["report", CirclePlus, "field.report"],
  ["mine", CircleUser, "field.mine"],
];

function RoomShown() {
  const { room, no } = route.value;
  if (room === "tasks") return no ? <Task no={no} key={no} /> : <Tasks />;
  if (room === "map") return <FieldMap />;
  if (room === "report") return <Report />;
  if (room === "outbox") return <OutboxRoom />;
  return no ? <MineCase no={no} key={no} /> : <Mine />;
}

export function Field() {
  useEffect(() => {
    loadCategories().catch(() => undefined);
    const stops = [startSending(), followMe()];
    return () => stops.forEach((stop) => stop());
  }, []);
  const centre = ownCentre();
  return (
    <div class="phone">
      <header class="topbar">
        <span class="grow strong">{centre?.name ?? t("field.title")}</span>
        <span class={`light ${online.value ? "green" : "paused"}`} role="status" data-testid="connection">
          <span class="shape" aria-hidden="true">{online.value ? "●" : "‖"}</span>
          {t(online.value ? "field.online" : "field.offline")}
        </span>
        <LanguageSwitch />
      </header>
      <OutboxBar />
      <main class={`room room-${route.value.room}`}><RoomShown /></main>
      <nav class="tabs" aria-label={t("field.nav")}>
        {TABS.map(([room, icon, text]) => (
          <button key={room} type="button" class={room === "report" ? "tab main" : "tab"} data-testid={`tab-${room}`}
            aria-current={route.value.room === room ? "page" : undefined} onClick={() => go(room)}>
            <Icon of={icon} />{t(text)}
          </button>
        ))}
      </nav>
    </div>
  );
}
