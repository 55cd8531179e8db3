import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CaseItem, Session } from "../shared/api";
import { signedOut } from "../shared/http";
import type { Picture } from "../shared/pictures";
import { session } from "../shared/session";
import { keepAnswer, lacks, readAnswer, refusedAnswer, sendAnswer } from "../field/answers";
import type { AnswerDraft } from "../field/outbox/kinds";
import { forgetDrafts } from "../field/outbox/drafts";
import { closeStore } from "../field/store";
import { emptyStore } from "./outbox/make";
import { fieldWords } from "../field/outbox/refusal";
import { discard, outbox, sending } from "../field/outbox/items";

const CASE = { no: "31", stage: "checking", version: 4, category: { code: "01001", zh: "供水井盖", en: "Water cover" } } as CaseItem;
const picture = (): Picture => ({ id: "p1", type: "image/jpeg", bytes: new Uint8Array([1, 2]).buffer, sent: false });
const failed = (): AnswerDraft => ({ outcome: "failed", text: "盖子还是松的", pictures: [picture()] });

let reply: (path: string) => Response = () => new Response("{}", { status: 200 });
const photo = (): Response => new Response(JSON.stringify({ photo_id: "p1", sha256: "a12871fee210fb8619291eaea194581cbd2531e4b23759d225f6806923f63222" }));
const refuse = (errors: unknown[]): Response =>
  new Response(JSON.stringify({ type: "urn:wangge:problem:invalid", detail: "见 errors", errors }), { status: 422 });
const settled = (): Promise<void> => vi.waitFor(() => expect(sending.value).toBe(false));

describe("the answer to a task", () => {
  beforeEach(async () => {
    await emptyStore();
    forgetDrafts();
    outbox.value = [];
    signedOut.value = false;
    session.value = { person: { id: 7 } } as Session;
    vi.stubGlobal("fetch", async (path: string) =>
      path === "/api/v1/session" ? new Response(JSON.stringify({ person: { id: session.value?.person.id }, csrf_token: "t" })) : reply(path));
  });

  it("lacks the reason when the check failed, a photo unless unfounded, and a result", () => {
    expect(lacks("check", { ...failed(), text: "  " })).toEqual(["text"]);
    expect(lacks("check", { outcome: "passed", text: "", pictures: [] })).toEqual(["photo"]);
    expect(lacks("verify", { outcome: "unfounded", text: "", pictures: [] })).toEqual([]);
    expect(lacks("verify", { outcome: "", text: "", pictures: [picture()] })).toEqual(["outcome"]);
    expect(lacks("check", failed(), ["p1"])).toEqual(["photo_refused"]);
  });

  it("is kept with its photos when the page is left and the browser closed", async () => {
    keepAnswer("31", "check", failed());
    await vi.waitFor(async () => expect((await readAnswer("31", "check")).pictures).toHaveLength(1));
    await new Promise((done) => setTimeout(done, 20));
    await closeStore();
    expect((await readAnswer("31", "check")).text).toBe("盖子还是松的");
    session.value = { person: { id: 8 } } as Session;
    expect((await readAnswer("31", "check")).text).toBe("");
  });

  it("reopens whole after a refusal, and goes only once accepted", async () => {
    keepAnswer("31", "check", failed());
    reply = (path) => (path.includes("photos") ? photo() : refuse([{ field: "text", code: "required", message: "必填" }]));
    await sendAnswer(CASE, failed());
    await settled();
    expect(refusedAnswer("31", "check")?.refusal?.faults[0]?.field).toBe("text");
    expect(await readAnswer("31", "check")).toMatchObject({ outcome: "failed", text: "盖子还是松的", pictures: [{ id: "p1" }] });
    reply = (path) => (path.includes("photos") ? photo() : new Response(JSON.stringify({ no: "31", stage: "closed", version: 5 })));
    await sendAnswer(CASE, failed());
    await settled();
    expect(outbox.value.map((item) => item.state)).toEqual(["accepted"]);
    expect(await readAnswer("31", "check")).toEqual({ outcome: "", text: "", pictures: [] });
  });

  it("reopens from the refused item itself where no draft is left", async () => {
    reply = (path) => (path.includes("photos") ? refuse([{ field: "body", code: "not_an_image", message: "不是照片" }]) : new Response("{}"));
    await sendAnswer(CASE, failed());
    await settled();
    expect(refusedAnswer("31", "check")?.refusal?.photos).toEqual(["p1"]);
    expect((await readAnswer("31", "check")).text).toBe("盖子还是松的");
    await discard(outbox.value[0]!.id);
    expect((await readAnswer("31", "check")).pictures).toEqual([]);
  });

  it("names a refused field in words", () => {
    expect(fieldWords("text")).toBe("说明");
    expect(fieldWords("photos.1")).toBe("照片 2");
    expect(fieldWords("point.lon")).toBe("位置");
  });
});
