/** What the map shows, as lists: for keys, for screen readers, and for who rather reads. */
import { categoryName } from "../../shared/case/words";
import { findCategory } from "../../shared/catalogue";
import { brief, distance, metresBetween } from "../../shared/format";
import { t, word } from "../../shared/language";
import { Light } from "../../shared/parts/light";
import { position } from "../position";
import { dutyAreas, ownReports, tasks } from "../sync";
import { byWay, inOrder, timedNow } from "../task_list";
import { components, nearestTo } from "./components";
import { off } from "./layers";
import { onPhone } from "./reports";

const AROUND_M = 200;
const MOST = 20;

function away(point: { lon: number; lat: number } | null | undefined): string {
  return point && position.value ? distance(metresBetween(position.value, point)) : "";
}

/** Nearest first whatever the tasks' own list is ordered by: this is the map's, and a map is about where. */
function Tasks() {
  const shown = inOrder((tasks.value ?? []).filter((task) => task.point).map(timedNow), "nearest");
  return (
    <section>
      <h2>{t("ground.tasks_n", { n: shown.length })}</h2>
      <ul class="rows">
        {shown.map((task) => (
          <li key={task.no}>
            <a class="row" href={`#/tasks/${task.no}`} data-testid="map-task" data-no={task.no}>
              <span class="first"><span class="strong">{categoryName(task.category)}</span><span class="kind">{t(task.stage === "checking" ? "tasks.check" : "tasks.verify")}</span></span>
              <span class="second"><Light item={task} long /><span class="muted">{away(task.point)}</span></span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Reports() {
  const shown = byWay(ownReports.value.filter((report) => report.point));
  const unsent = onPhone.value;
  return (
    <section>
      <h2>{t("ground.reports_n", { n: shown.length + unsent.length })}</h2>
      <ul class="rows">
        {unsent.map(({ no, item, point }) => (
          <li key={no}>
            <a class="row" href="#/outbox" data-testid="map-unsent">
              <span class="first"><span class="strong">{categoryName(findCategory(item.report?.category_code) ?? null)}</span><span class="kind">{t("ground.unsent")}</span></span>
              <span class="muted">{brief(item.made_at)}{position.value && ` · ${away(point)}`}</span>
            </a>
          </li>
        ))}
        {shown.map((report) => (
          <li key={report.no}>
            <a class="row" href={`#/mine/${report.no}`} data-testid="map-report" data-no={report.no}>
              <span class="first"><span class="strong">{categoryName(report.category)}</span><span class="kind">{word("stage", report.stage)}</span></span>
              <span class="muted">{report.no}{report.point && ` · ${away(report.point)}`}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Thousands stand on the map; the list names those around the phone. */
function Components() {
  if (!components.value.length) return null;
  const near = position.value ? nearestTo(position.value, components.value, AROUND_M, MOST) : [];
  return (
    <section>
      <h2>{t("ground.components_near", { m: AROUND_M })}</h2>
      {near.length === 0 && <p class="caption">{t(position.value ? "ground.components_none" : "ground.components_where")}</p>}
      <ul class="rows">
        {near.map((one) => (
          <li key={one.id} class="row">
            <span class="first"><span class="strong">{one.name}</span><span class="muted">{distance(one.metres)}</span></span>
            <span class="muted">{[one.id, one.department, one.owner].filter(Boolean).join(" · ")}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Lists() {
  return (
    <div class="maplists">
      {!off.value.has("cases") && <Tasks />}
      {!off.value.has("duty") && dutyAreas.value.length > 0 && (
        <section>
          <h2>{t("ground.duty")}</h2>
          <ul class="rows">{dutyAreas.value.map((area) => <li key={area.code} class="row">{area.name}</li>)}</ul>
        </section>
      )}
      {!off.value.has("reports") && <Reports />}
      {!off.value.has("components") && <Components />}
    </div>
  );
}
