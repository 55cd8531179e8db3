import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CaseItem, Session } from "../shared/api";
import { signedOut } from "../shared/http";
import { type Picture, takePictures } from "../shared/pictures";
import { session } from "../shared/session";
import { keyOf, lacks, readAnswer, refusedAnswer, sendAnswer } from "../field/answers";
import type { AnswerDraft } from "../field/outbox/kinds";
import { forgetDrafts, keepAnswerDraft } from "../field/outbox/drafts";
import { closeWriting, during, handOver, openWriting, write, writePictures, type Writing } from "../field/outbox/writing";
import { closeStore } from "../field/store";
import { emptyStore } from "./outbox/make";
import { fieldWords } from "../field/outbox/refusal";
import { discard, outbox, PutBefore, sending } from "../field/outbox/items";

const CASE = { no: "31", stage: "checking", version: 4, category: { code: "01001", zh: "供水井盖", en: "Water cover" } } as CaseItem;
const picture = (): Picture => ({ id: "p1", type: "image/jpeg", bytes: new Uint8Array([1, 2]).buffer, sent: false });
const failed = (): AnswerDraft => ({ outcome: "failed", text: "盖子还是松的", pictures: [picture()] });

const open = (): Promise<Writing> => openWriting(keyOf("31", "check"), () => readAnswer("31", "check"));
const jpeg = (n: number): File => new File([new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 2, n])], `${n}.jpg`);

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
    const writing = await open();
    write(writing, failed);
    closeWriting(writing);
    await new Promise((done) => setTimeout(done, 20));
    await closeStore();
    expect((await readAnswer("31", "check")).text).toBe("盖子还是松的");
    session.value = { person: { id: 8 } } as Session;
    expect((await readAnswer("31", "check")).text).toBe("");
  });

  it("reopens whole after a refusal, and goes only once accepted", async () => {
    await keepAnswerDraft(keyOf("31", "check"), failed());
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

describe("an answer while its photos are made smaller", () => {
  let drawn: (() => void)[] = [];

  beforeEach(async () => {
    await emptyStore();
    forgetDrafts();
    outbox.value = [];
    drawn = [];
    session.value = { person: { id: 7 } } as Session;
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
    vi.stubGlobal("createImageBitmap", () => new Promise((done) => drawn.push(() => done({ width: 4, height: 3, close: () => undefined }))));
  });

  const take = (writing: Writing, ...files: File[]): Promise<unknown> => {
    const job = takePictures(files, (edit) => writePictures(writing, edit));
    during(writing, job);
    return job;
  };
  const drawing = (n: number): Promise<void> => vi.waitFor(() => expect(drawn).toHaveLength(n));
  const stands = async (): Promise<AnswerDraft> => {
    await new Promise((done) => setTimeout(done, 20));
    await closeStore();
    forgetDrafts();
    return readAnswer("31", "check");
  };

  it("keeps what is chosen, typed and taken meanwhile, also in the phone's store", async () => {
    const writing = await open();
    const first = take(writing, jpeg(1));
    const second = take(writing, jpeg(2));
    await drawing(2);
    expect((await stands()).pictures).toHaveLength(2);
    write(writing, () => ({ outcome: "passed" }));
    write(writing, () => ({ text: "已看过" }));
    drawn.forEach((done) => done());
    await Promise.all([first, second]);
    expect(writing.draft.value).toMatchObject({ outcome: "passed", text: "已看过", pictures: [{}, {}] });
    expect(await stands()).toMatchObject({ outcome: "passed", text: "已看过", pictures: [{}, {}] });
    closeWriting(writing);
  });

  it("is the same one where the task was left and opened again meanwhile", async () => {
    const writing = await open();
    const job = take(writing, jpeg(1));
    await drawing(1);
    closeWriting(writing);
    const again = await open();
    write(again, () => ({ text: "回来再写" }));
    drawn.forEach((done) => done());
    await job;
    expect(again.draft.value).toMatchObject({ text: "回来再写", pictures: [{}] });
    closeWriting(again);
  });

  it("is handed over once, with all its photos, however often it is tapped", async () => {
    const writing = await open();
    write(writing, () => ({ outcome: "passed" }));
    const job = take(writing, jpeg(1), jpeg(2));
    await drawing(1);
    const send = (): Promise<boolean> => handOver(writing, (now) => lacks("check", now).length > 0, (now) => sendAnswer(CASE, now));
    const taps = [send(), send()];
    drawn[0]!();
    await drawing(2);
    taps.push(send());
    drawn[1]!();
    await job;
    expect(await Promise.all(taps)).toEqual([true, false, false]);
    expect(await send()).toBe(false);
    expect(outbox.value.map(({ pictures }) => pictures.length)).toEqual([2]);
    write(writing, () => ({ text: "too late" }));
    closeWriting(writing);
    expect(await stands()).toEqual({ outcome: "", text: "", pictures: [] });
  });

  it("is not sent without the photo that turns out to be broken", async () => {
    const writing = await open();
    write(writing, () => ({ outcome: "passed" }));
    vi.stubGlobal("createImageBitmap", () => Promise.reject(new DOMException("broken")));
    void take(writing, jpeg(1));
    expect(await handOver(writing, (now) => lacks("check", now).length > 0, (now) => sendAnswer(CASE, now))).toBe(false);
    expect(outbox.value).toEqual([]);
    expect(writing.busy.value).toBe(false);
    closeWriting(writing);
  });

  it("stands once in the outbox, though two tabs send it; and a later task has its own", async () => {
    await sendAnswer(CASE, failed());
    await expect(sendAnswer(CASE, { ...failed(), text: "另一页" })).rejects.toThrow(PutBefore);
    expect(outbox.value.map((item) => item.answer?.fields["text"])).toEqual(["盖子还是松的"]);
    await sendAnswer({ ...CASE, no: "32" }, { ...failed(), pictures: [{ ...picture(), id: "p2" }] });
    expect(outbox.value).toHaveLength(2);
  });
});
