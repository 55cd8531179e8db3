/** Labelled inputs with their fault beneath. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Common {
  label: string;
  fault?: string | null | undefined;
  name?: string;
}

export function Fault({ id, text }: { id: string; text: string | null | undefined }) {
  return text ? <p class="fault" id={id} role="alert">{text}</p> : null;
}

interface TextProps extends Common {
  value: string;
  change: (value: string) => void;
  type?: "text" | "password" | "date" | "datetime-local" | "search";
  long?: boolean;
  placeholder?: string;
  complete?: string;
  mode?: "decimal" | "search" | "text";
  most?: number;
  required?: boolean;
}

export function TextField(props: TextProps) {
  const id = useId();
  const common = {
    id,
    name: props.name,
    value: props.value,
    placeholder: props.placeholder,
    maxLength: props.most,
    required: props.required,
    "aria-invalid": props.fault ? true : undefined,
    "aria-describedby": props.fault ? `${id}-fault` : undefined,
  };
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.long
        ? <textarea {...common} rows={3} onInput={(event) => props.change(event.currentTarget.value)} />
        : <input {...common} {...({ type: props.type ?? "text" } as { type: "text" })} inputMode={props.mode} autoComplete={props.complete ?? "off"}
            onInput={(event) => props.change(event.currentTarget.value)} />}
      <Fault id={`${id}-fault`} text={props.fault} />
    </div>
  );
}

interface SelectProps extends Common {
  value: string;
  change: (value: string) => void;
  options: readonly (readonly [value: string, label: string])[];
  bare?: boolean;
}

export function SelectField(props: SelectProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id} class={props.bare ? "hidden" : ""}>{props.label}</label>
      <select id={id} name={props.name} value={props.value} aria-invalid={props.fault ? true : undefined} aria-describedby={props.fault ? `${id}-fault` : undefined}
        onChange={(event) => props.change(event.currentTarget.value)}>
        {props.options.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
      </select>
      <Fault id={`${id}-fault`} text={props.fault} />
    </div>
  );
}

interface ChoiceProps extends Common {
  value: string;
  change: (value: string) => void;
  options: readonly { value: string; label: string; detail?: ComponentChildren }[];
}

export function ChoiceField(props: ChoiceProps) {
  const id = useId();
  return (
    <fieldset class="field" aria-describedby={props.fault ? `${id}-fault` : undefined}>
      <legend>{props.label}</legend>
      <div class="choices">
        {props.options.map((option) => (
          <label class="choice" key={option.value}>
            <input type="radio" name={props.name ?? id} value={option.value} checked={props.value === option.value}
              onChange={() => props.change(option.value)} />
            <span>
              {option.label}
              {option.detail ? <span class="caption"><br />{option.detail}</span> : null}
            </span>
          </label>
        ))}
      </div>
      <Fault id={`${id}-fault`} text={props.fault} />
    </fieldset>
  );
}
