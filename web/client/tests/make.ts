/** Cases as the API answers them, for tests: say only what matters. */
import type { CaseDetail, CaseItem, Session } from "../shared/api";
import type { CaseRequest } from "../shared/case/turns";

export const STREET = { code: "310101002000", name: "南京东路街道", level: "street" } as const;
const CONDITION = { id: 7, zh: "破损", en: "broken", limit: 5, unit: "work_day", closing_zh: "修复", closing_en: "mended", photos_before: 1, photos_after: 1 };

export function aCase(part: Partial<CaseDetail> = {}): CaseDetail {
  return {
    no: "3101012611170100309", stage: "handling", version: 3, category: { code: "01001", zh: "井盖", en: "cover" }, conditions: [], condition: CONDITION,
    centre: STREET, department: { id: 1, code: "d1", name: "环卫所", name_en: "Sanitation" }, suggested_department: null, departments: [], units: [],
    clock: { kind: "handle", due_at: "2026-11-24T02:00:00Z", yellow_at: "2026-11-23T02:00:00Z", paused: false }, handle_due_at: "2026-11-24T02:00:00Z",
    photos: [], ended_at: null, filed_at: "2026-11-20T02:00:00Z", handled_at: null, requests: [], handlings: [], orders: [], duplicates: [], round: 1, step: 1, then: null,
    refused_count: 0, rework_count: 0, designated: false, resume_at: null, excused_at: null, merged_into: null, awaits: null, joint: false, claim: null,
    allowed_verbs: [], effects: {}, ...part,
  } as unknown as CaseDetail;
}

export function aRequest(part: Partial<CaseRequest> = {}): CaseRequest {
  return {
    id: 1, kind: "extension", state: "open", asked_at: "2026-11-20T02:00:00Z", asked_by: "王", reason: "等材料", data: { limit: 3, unit: "work_day" }, awaits: "dispatcher",
    approvals: [], decided_at: null, ...part,
  } as CaseRequest;
}

export function aRow(no: string, part: Partial<CaseItem> = {}): CaseItem {
  const { stage, version, category, centre, department, awaits, joint } = aCase();
  return { no, stage, version, category, centre, department, awaits, joint, ...part } as CaseItem;
}

export function seat(role: string, department: string | null = null, centre: string = STREET.code): Session["roles"][number] {
  return { role, centre: { ...STREET, code: centre }, department: department && { id: 1, code: department, name: department } } as Session["roles"][number];
}
