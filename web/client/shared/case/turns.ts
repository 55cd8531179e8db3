/** What a case carries of its turns: requests, duplicates, who has it open. */
import type { components } from "../api-types";

type Schemas = components["schemas"];

export type RequestKind = Schemas["RequestKind"];
export type Approver = Schemas["Approver"];
/** An extension carries how much more, a suspension until which day. */
export type CaseRequest = Omit<Schemas["RequestAnswer"], "data"> & {
  data: { limit?: number; unit?: Schemas["Unit"]; resume_on?: string } & Record<string, unknown>;
};

export type Claim = Schemas["ClaimAnswer"];

export function openRequests({ requests }: { requests: CaseRequest[] }): CaseRequest[] {
  return requests.filter((request) => request.state === "open");
}
