/** What a case carries of its turns: requests, two limits, suspension, joint work, duplicates, who has it open. */
import type { CaseCategory, CasePhoto, Condition, Department, Level, Stage, Unit } from "../api";

export type RequestKind = "extension" | "suspension" | "appeal" | "cancel" | "force_close";
export type Approver = "department_leader" | "dispatcher" | "acceptor" | "shift_lead" | "leader";

export interface Approval {
  by: Approver;
  name: string;
  at: string;
  outcome: string;
  text?: string | null;
}

export interface CaseRequest {
  id: number;
  kind: RequestKind;
  state: "open" | "granted" | "denied" | "lapsed";
  asked_at: string;
  asked_by: string | null;
  reason: string;
  data: { limit?: number; unit?: Unit; resume_on?: string } & Record<string, unknown>;
  awaits: Approver | null;
  approvals: Approval[];
  decided_at: string | null;
}

export interface Claim {
  person: string;
  at: string;
  until: string;
  mine: boolean;
}

export interface Duplicate {
  no: string;
  source: string;
  reported_at: string;
  description: string;
  reporter: string | null;
  photos: CasePhoto[];
  stage: Stage;
  category?: CaseCategory | null;
}

export interface WhyDay {
  day: string;
  seconds?: number;
  minutes?: number;
  [more: string]: unknown;
}

/** Fields of the detail beside those of the main road. */
export interface Turns {
  requests: CaseRequest[];
  step: number;
  then: Pick<Condition, "limit" | "unit" | "closing_zh" | "closing_en"> | null;
  resume_at: string | null;
  rework_count: number;
  refused_count: number;
  designated: boolean;
  excused_at: string | null;
  units: Department[];
  duplicates: Duplicate[];
  claim: Claim | null;
}

/** Fields of a list's row beside those of the main road. */
export interface ItemTurns {
  claim_by: string | null;
  awaits: Approver | null;
  joint: boolean;
  merged_into: string | { no: string } | null;
}

export interface HandlingTurns {
  lead: boolean;
  unit: Department | null;
  refuse_until: string | null;
  step_on_time: boolean | null;
}

export interface OrderTurns {
  id: number;
  kind: "superior" | "leader";
  text: string | null;
  issued_by: string | null;
  to_centre?: { code: string; name: string; level: Level } | null;
  reply_left_minutes?: number | null;
}

export const NO_TURNS: Turns & ItemTurns = {
  requests: [], step: 1, then: null, resume_at: null, rework_count: 0, refused_count: 0, designated: false, excused_at: null,
  units: [], duplicates: [], claim: null, claim_by: null, awaits: null, joint: false, merged_into: null,
};

export function mergedNo({ merged_into }: Pick<ItemTurns, "merged_into">): string | null {
  return typeof merged_into === "string" ? merged_into : (merged_into?.no ?? null);
}

export function openRequests({ requests }: Pick<Turns, "requests">): CaseRequest[] {
  return requests.filter((request) => request.state === "open");
}
