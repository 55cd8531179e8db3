/** The report's own rooms within the room: `#/report/place`, `#/report/class-01` …, each left by the back button. */
import { go } from "../route";

let opened = 0;

export function openPanel(name: string): void {
  opened += 1;
  go("report", name);
}

/** As the back button; to the report itself where the page was opened within the panel. */
export function closePanel(): void {
  if (opened > 0) {
    opened -= 1;
    history.back();
  } else go("report");
}
