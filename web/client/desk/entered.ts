/** What is entered into a form, kept across closing, switching cases, languages and reloads. */
import { useState } from "preact/hooks";
import { dropDraft, keepDraft, readDraft } from "../shared/drafts";
import type { CaseDetail, Verb } from "../shared/api";
import type { Fault } from "../shared/http";
import { t } from "../shared/language";
import type { ChangePictures, Picture } from "../shared/pictures";
import { namesOf } from "./verb_fields";
import { type Entered, type FieldKind, isSecondary, NOTHING } from "./verbs";

type Name = keyof Entered;

/** What a form begins with where nothing was kept. */
export function filled(verb: Verb, item: CaseDetail, kept: Entered): Entered {
  const dispatching = verb === "dispatch" && !isSecondary(verb, item);
  const only = verb === "file" && item.conditions.length === 1 ? String(item.conditions[0]!.id) : "";
  return {
    ...kept,
    department: kept.department || (dispatching ? (item.suggested_department?.code ?? "") : ""),
    unit: kept.unit || (item.units[0]?.code ?? ""),
    category_code: kept.category_code || (verb === "recategorise" ? (item.category?.code ?? "") : ""),
    condition_id: kept.condition_id || only,
  };
}

export function draftName(verb: Verb, no: string): string {
  return `verb:${no}:${verb}`;
}

/** Whether something was entered and not sent. */
export function hasDraft(verb: Verb, item: CaseDetail): boolean {
  const name = draftName(verb, item.no);
  const kept = readDraft<Entered>(name);
  const begun = filled(verb, item, NOTHING);
  const typed = kept !== null && (Object.keys(NOTHING) as Name[]).some((key) => (kept[key] ?? "") !== begun[key]);
  return typed || (pictureDrafts.get(name)?.length ?? 0) > 0;
}

/** Photos live as long as the page: too large for the session's storage. */
const pictureDrafts = new Map<string, Picture[]>();

export interface Kept {
  entered: Entered;
  pictures: Picture[];
  change: (part: Partial<Entered>) => void;
  changePictures: ChangePictures;
  forget: () => void;
}

/** `fill` completes what was kept with what the form begins with. */
export function useEntered(name: string, fill: (kept: Entered) => Entered): Kept {
  const [entered, setEntered] = useState<Entered>(() => fill({ ...NOTHING, ...readDraft<Entered>(name) }));
  const [pictures, setPictures] = useState<Picture[]>(pictureDrafts.get(name) ?? []);
  return {
    entered,
    pictures,
    change(part) {
      setEntered((was) => {
        const next = { ...was, ...part };
        keepDraft(name, next);
        return next;
      });
    },
    changePictures(edit) {
      setPictures((was) => {
        const next = edit(was);
        pictureDrafts.set(name, next);
        return next;
      });
    },
    forget() {
      dropDraft(name);
      pictureDrafts.delete(name);
    },
  };
}

export function isFaultOf(kind: FieldKind, fault: Fault): boolean {
  return namesOf(kind).some((name) => fault.field === name || fault.field.startsWith(`${name}.`));
}

/** What is wrong with a field: the server's words, else that it is still empty. */
export function faultOf(kind: FieldKind, faults: readonly Fault[], empty: readonly FieldKind[]): string | null {
  const found = faults.filter((fault) => isFaultOf(kind, fault));
  if (found.length) return found.map((fault) => fault.message).join(" ");
  if (!empty.includes(kind)) return null;
  return t(kind === "place" ? "form.point_bad" : kind === "into" ? "form.into_bad" : "form.required");
}
