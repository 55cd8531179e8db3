import { describe, expect, it } from "vitest";
import { texts } from "../shared/texts";
import { fieldTexts } from "../shared/texts/field";
import { groundTexts } from "../shared/texts/ground";
import { outboxTexts } from "../shared/texts/outbox";
import { outboxRoomTexts } from "../shared/texts/outbox_room";
import { reportTexts } from "../shared/texts/report";
import { roomTexts } from "../shared/texts/rooms";
import { shiftTexts } from "../shared/texts/shift";

const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();
const WORDS: Record<string, string[]> = {
  stage: ["reported", "verifying", "pending_filing", "pending_dispatch", "dispatched", "handling", "suspended", "handled", "checking", "pending_closing", "closed", "rejected", "cancelled"],
  verb: ["self_handle", "send_verify", "verify", "accept", "reject", "file", "send_back", "dispatch", "sign", "refuse", "finish", "send_check", "check", "close", "cancel", "reopen", "note", "pass_up", "urge", "force_close", "request_extension", "decide_extension", "request_suspension", "decide_suspension", "resume", "supervise", "reply_supervision", "merge", "recategorise", "relocate", "appeal", "decide_appeal"],
  clock: ["accept", "verify", "file", "dispatch", "sign", "handle", "send_check", "check", "close", "reply"],
  outcome: ["confirmed", "unfounded", "passed", "failed", "granted", "denied", "endorsed", "asked", "part", "step", "moved"],
  request: ["extension", "suspension", "appeal", "cancel", "force_close"],
  request_state: ["open", "granted", "denied", "lapsed"],
  approver: ["department_leader", "dispatcher", "acceptor", "shift_lead", "leader"],
  role: ["inspector", "acceptor", "shift_lead", "dispatcher", "handler", "leader", "admin"],
  source: ["inspector", "public", "hotline", "sensor", "vehicle", "drone", "video", "department", "superior"],
  light: ["green", "yellow", "red", "paused", "none"],
  level: ["city", "district", "street", "village"],
  unit: ["urgent_hour", "work_hour", "work_day", "natural_day"],
};

describe("the catalogue of texts", () => {
  it("has every text in both languages, with the same places to fill", () => {
    for (const [key, pair] of Object.entries(texts)) {
      expect(pair, key).toHaveLength(2);
      expect(pair[0].trim(), `${key} zh`).not.toBe("");
      expect(pair[1].trim(), `${key} en`).not.toBe("");
      expect(places(pair[1]), key).toEqual(places(pair[0]));
    }
  });

  it("counts on the phone in English that is right for one, too", () => {
    const phone = { ...fieldTexts, ...outboxTexts, ...outboxRoomTexts, ...reportTexts, ...shiftTexts, ...roomTexts, ...groundTexts };
    const said = Object.entries(phone).filter(([key]) => key !== "tasks.words_more"); // only what is long is folded
    for (const [key, pair] of said) expect(pair[1], key).not.toMatch(/\{(n|most|free)\} (?:(?!is\b|was\b)[a-z]+s\b|[^.:;]*\b(?:are|were|wait|have)\b)/);
  });

  it("has no exclamation marks: nobody is shouted at", () => {
    for (const [key, pair] of Object.entries(texts)) expect(pair.join(""), key).not.toMatch(/[!!]/);
  });

  it("has a word for every value that data may carry", () => {
    for (const [prefix, names] of Object.entries(WORDS)) {
      for (const name of names) expect(texts, `${prefix}.${name}`).toHaveProperty([`${prefix}.${name}`]);
    }
  });
});
