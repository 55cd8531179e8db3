/** Where one is: from one's own area down to the one shown; each leads back up. */
import { useEffect, useState } from "preact/hooks";
import type { LineCell } from "../shared/api";
import { get } from "../shared/http";
import { t } from "../shared/language";
import { ownCentre } from "../shared/session";
import { show, shown } from "./place";

export function Crumbs({ line }: { line: readonly LineCell[] }) {
  const own = ownCentre();
  const from = line.findIndex((cell) => cell.code === own?.code);
  const visible = from < 0 ? line : line.slice(from);
  return (
    <nav aria-label={t("lead.crumbs")}>
      <ol class="crumbs" data-testid="crumbs">
        {visible.map((cell, index) => (
          <li key={cell.code}>
            {index === visible.length - 1
              ? <span aria-current="page">{cell.name}</span>
              : <button type="button" class="link" onClick={() => show({ cell: cell.code === own?.code ? null : cell.code })}>{cell.name}</button>}
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** The crumbs of the area in the address, for pages whose answer does not carry its line. */
export function Placed() {
  const own = ownCentre() as LineCell | null;
  const { cell } = shown.value;
  const [line, setLine] = useState<LineCell[]>([]);
  useEffect(() => {
    if (!cell || cell === own?.code) return;
    get<{ line: LineCell[] }>(`cells/${encodeURIComponent(cell)}`).then((found) => setLine(found.line), () => setLine([]));
  }, [cell]);
  if (!cell || cell === own?.code || line.at(-1)?.code !== cell) return own ? <Crumbs line={[own]} /> : null;
  return <Crumbs line={line} />;
}
