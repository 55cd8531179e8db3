/** The list of my tasks: time left big, with its light, and how far. */
import { useState } from "preact/hooks";
import type { CaseItem } from "../shared/api";
import { categoryName } from "../shared/case/words";
import { distance } from "../shared/format";
import { t } from "../shared/language";
import { Light } from "../shared/parts/light";
import { Empty, Loading, OfflineBanner } from "../shared/parts/states";
import { usePolling } from "../shared/polling";
import { Missing } from "./missing";
import { arrived } from "./sending";
import { inOrder, isAnswered, loadTasks, metresTo, tasks } from "./task_list";

function TaskRow({ item }: { item: CaseItem }) {
  const metres = metresTo(item);
  return (
    <li>
      <a class="row" href={`#/tasks/${item.no}`} data-testid="task" data-no={item.no}>
        <span class="first">
          <span class="strong">{categoryName(item.category)}</span>
          <span class="kind">{t(item.stage === "checking" ? "tasks.check" : "tasks.verify")}</span>
        </span>
        <span class="second">
          <Light item={item} long />
          <span class="muted">{metres === null ? "" : distance(metres)}</span>
        </span>
        <span class="caption">{isAnswered(item.no) ? t("tasks.answered") : item.address || item.line.at(-1)?.name || item.description}</span>
      </a>
    </li>
  );
}

export function Tasks() {
  const [error, setError] = useState<unknown>(null);
  const load = (): Promise<void> => loadTasks().then(() => setError(null), setError);
  usePolling(load, 20, arrived.value);
  const title = <h1 class="hidden">{t("field.tasks")}</h1>;
  if (error && !tasks.value) return <>{title}<Missing error={error} retry={() => void load()} /></>;
  if (!tasks.value) return <>{title}<Loading /></>;
  return (
    <>
      {title}
      <OfflineBanner />
      {tasks.value.length
        ? <ul class="rows" aria-live="polite">{inOrder(tasks.value).map((item) => <TaskRow key={item.no} item={item} />)}</ul>
        : <Empty>{t("tasks.empty")}</Empty>}
    </>
  );
}
