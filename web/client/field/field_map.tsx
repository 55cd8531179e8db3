/** My area, my tasks as lights, and where I am; the same tasks stand in the list. */
import { useEffect } from "preact/hooks";
import { t } from "../shared/language";
import { MapView } from "../shared/map/view";
import { ownCentre } from "../shared/session";
import { position } from "./position";
import { go } from "./route";
import { loadTasks, tasks } from "./task_list";

export function FieldMap() {
  useEffect(() => void loadTasks().catch(() => undefined), []);
  return (
    <>
      <h1 class="hidden">{t("map.tasks")}</h1>
      <div class="mapbox whole">
        <MapView area={ownCentre()} items={tasks.value ?? []} here={position.value} choose={(no) => go("tasks", no)} />
      </div>
    </>
  );
}
