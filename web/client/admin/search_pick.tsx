/** Choosing one of many by typing: matches beneath, arrows and Enter work, what is chosen can be changed. */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { get } from "../shared/http";
import { t, word } from "../shared/language";
import { Fault } from "../shared/parts/fields";
import type { Cell, Page } from "./api";

export interface Choice {
  code: string;
  name: string;
  detail?: string;
}

interface Props {
  label: string;
  name: string;
  placeholder: string;
  value: Choice | null;
  change: (value: Choice | null) => void;
  find: (query: string) => Promise<Choice[]>;
  fault?: string | null | undefined;
  hint?: ComponentChildren;
}

const PAUSE_MS = 200;

/** What was found for the words typed; `null` while they are looked for. */
function useFound(query: string, find: Props["find"]): Choice[] | null {
  const [found, setFound] = useState<{ of: string; choices: Choice[] }>({ of: "", choices: [] });
  const latest = useRef(query);
  latest.current = query;
  useEffect(() => {
    if (!query) return undefined;
    const timer = setTimeout(() => {
      find(query).then(
        (choices) => latest.current === query && setFound({ of: query, choices }),
        () => latest.current === query && setFound({ of: query, choices: [] }),
      );
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [query]);
  if (!query) return [];
  return found.of === query ? found.choices : null;
}

export function SearchPick({ label, name, placeholder, value, change, find, fault, hint }: Props) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const found = useFound(value ? "" : typed.trim(), find);
  const choices = found ?? [];
  const take = (choice: Choice): void => {
    change(choice);
    setTyped("");
    setActive(0);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setActive((active + (event.key === "ArrowDown" ? 1 : choices.length - 1)) % Math.max(1, choices.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const choice = choices[active];
      if (choice) take(choice);
    } else if (event.key === "Escape") setTyped("");
  };
  return (
    <div class="field pick">
      <label for={id}>{label}</label>
      {value ? (
        <div class="chosen">
          <span data-testid={`${name}-chosen`}>{value.name} <span class="caption">{value.detail ?? value.code}</span></span>
          <button type="button" class="button" id={id} onClick={() => change(null)}>{t("admin.change")}</button>
        </div>
      ) : (
        <input id={id} name={name} role="combobox" aria-expanded={choices.length > 0} aria-controls={`${id}-list`} aria-autocomplete="list" autoComplete="off"
          aria-activedescendant={choices.length ? `${id}-${active}` : undefined} aria-invalid={fault ? true : undefined}
          aria-describedby={fault ? `${id}-fault` : undefined} placeholder={placeholder} value={typed} onKeyDown={onKeyDown}
          onInput={(event) => (setTyped(event.currentTarget.value), setActive(0))} />
      )}
      {hint}
      {typed.trim() && found?.length === 0 && !value && <p class="caption" role="status">{t("admin.no_match")}</p>}
      <ul id={`${id}-list`} role="listbox" class="options" aria-label={t("new.matches")} hidden={!choices.length}>
        {choices.map((choice, index) => (
          <li key={choice.code} id={`${id}-${index}`} role="option" aria-selected={index === active} data-code={choice.code}
            onMouseDown={(event) => event.preventDefault()} onClick={() => take(choice)}>
            {choice.name} <span class="caption">{choice.detail ?? choice.code}</span>
          </li>
        ))}
      </ul>
      <Fault id={`${id}-fault`} text={fault} />
    </div>
  );
}

export async function findCells(query: string): Promise<Choice[]> {
  const page = await get<Page<Cell>>("cells", { q: query, limit: 12 });
  return page.items.map((cell) => ({
    code: cell.code,
    name: cell.name,
    detail: [word("level", cell.level), ...cell.line.slice(0, -1).map((one) => one.name).slice(1), cell.code].join(" · "),
  }));
}
