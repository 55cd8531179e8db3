import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Session } from "../shared/api";
import { online, signedOut } from "../shared/http";
import { session } from "../shared/session";
import { closeOutbox, drop, type Kept, readOutbox } from "../field/outbox";
import { arrived, enqueue, flush, lacking, outbox, refused, retake, sending, waiting } from "../field/sending";

type Reply = Response | Error;
let asked: { method: string; path: string; body: unknown }[] = [];
let replies: ((method: string, path: string) => Reply) = () => new Error("offline");

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}

const RECEIPT = { report_id: "r1", case: { no: "3101012611220100001", stage: "reported", version: 1, due_at: null }, placement: null };

function report(id: string): Kept {
  return {
    id, kind: "report", person: 7, made_at: `2026-11-22T01:00:0${id.length}Z`, state: "waiting", attempts: 0, refusal: null, answer: null, receipt: null,
    pictures: [{ id: `photo-${id}`, type: "image/jpeg", bytes: new Uint8Array([1, 2, 3]).buffer, sent: false }],
    report: { source: "inspector", description: "井盖缺失", observed_at: "2026-11-22T01:00:00Z", photos: [`photo-${id}`] },
  };
}

async function settled(): Promise<void> {
  await vi.waitFor(() => expect(sending.value).toBe(false));
}

describe("the outbox", () => {
  beforeEach(async () => {
    asked = [];
    for (const item of await readOutbox()) await drop(item.id);
    outbox.value = [];
    signedOut.value = false;
    session.value = { person: { id: 7, username: "inspector", name: "王" } } as Session;
    vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
      const body = typeof init.body === "string" ? JSON.parse(init.body) : init.body;
      asked.push({ method: init.method ?? "", path, body });
      const reply = replies(init.method ?? "", path);
      if (reply instanceof Error) throw reply;
      return reply;
    });
  });

  it("keeps a report with its photo bytes while there is no connection", async () => {
    replies = () => new TypeError("failed to fetch");
    await enqueue(report("a"));
    await settled();
    expect(online.value).toBe(false);
    expect(waiting.value).toHaveLength(1);
    await closeOutbox();
    const [kept] = await readOutbox();
    expect(kept?.state).toBe("waiting");
    expect(new Uint8Array(kept!.pictures[0]!.bytes)).toEqual(new Uint8Array([1, 2, 3]));
  });

  it("sends the report before its photos, under the same ids each time, and keeps the receipt", async () => {
    replies = (_, path) => (path.includes("photos") ? new TypeError("lost") : json(201, RECEIPT));
    await enqueue(report("a"));
    await settled();
    expect(waiting.value[0]?.receipt?.case.no).toBe(RECEIPT.case.no);
    replies = () => json(200, RECEIPT);
    const before = arrived.value;
    await flush();
    expect(asked.map((one) => one.path)).toEqual(["/api/v1/reports/a", "/api/v1/photos/photo-a", "/api/v1/photos/photo-a"]);
    expect(outbox.value[0]?.state).toBe("sent");
    expect(arrived.value).toBe(before + 1);
    expect((await readOutbox())[0]?.pictures).toEqual([]);
  });

  it("keeps a refused report with the reason, and goes on with the next", async () => {
    const fault = { field: "point.lon", code: "swapped", message: "经纬度颠倒" };
    replies = (_, path) =>
      path.endsWith("reports/a") ? json(422, { type: "urn:wangge:problem:invalid", detail: "填写有误", errors: [fault] }) : json(201, RECEIPT);
    await enqueue(report("a"));
    await settled();
    await enqueue(report("bb"));
    await settled();
    expect(refused.value.map((item) => item.refusal)).toEqual([{ name: "invalid", text: "填写有误", faults: [fault] }]);
    expect(refused.value[0]?.pictures).toHaveLength(1);
    expect(outbox.value.find((item) => item.id === "bb")?.state).toBe("sent");
  });

  it("waits when the session is over or the server is busy, instead of giving up", async () => {
    replies = () => json(401, { type: "urn:wangge:problem:session-expired" });
    await enqueue(report("a"));
    await settled();
    expect(signedOut.value).toBe(true);
    expect(waiting.value).toHaveLength(1);
    signedOut.value = false;
    replies = () => json(503, { type: "urn:wangge:problem:busy" });
    await flush();
    expect(waiting.value).toHaveLength(1);
  });

  it("leaves what another person of this phone has written", async () => {
    replies = () => json(201, RECEIPT);
    session.value = { person: { id: 8 } } as Session;
    await enqueue(report("a"));
    await settled();
    expect(asked).toEqual([]);
    expect(waiting.value).toEqual([]);
    expect(await readOutbox()).toHaveLength(1);
  });

  it("does not take a lost answer for a refusal: our photos on the case show that it was done", async () => {
    const item: Kept = {
      ...report("a"), kind: "answer", report: null, attempts: 1,
      answer: { no: "31", verb: "check", version: 4, title: "井盖", fields: { outcome: "passed" } },
    };
    replies = (method, path) => {
      if (path.includes("photos")) return json(200, {});
      if (method === "POST") return json(409, { type: "urn:wangge:problem:wrong-stage", detail: "阶段不对" });
      return json(200, { photos: [{ id: "photo-a", kind: "check" }] });
    };
    await enqueue(item);
    await settled();
    expect(outbox.value[0]?.state).toBe("sent");
    expect(asked.find((one) => one.method === "POST")?.body).toEqual({ outcome: "passed", photos: ["photo-a"], version: 4 });
  });

  it("takes a photo again that the server could not read, under its own id", async () => {
    replies = (_, path) => (path.includes("photos") ? json(422, { type: "urn:wangge:problem:invalid", detail: "不是照片" }) : json(201, RECEIPT));
    await enqueue(report("a"));
    await settled();
    expect(lacking.value.map((item) => item.refusal?.photos)).toEqual([["photo-a"]]);
    replies = () => json(200, {});
    asked = [];
    await retake(lacking.value[0]!, "photo-a", { id: "other", type: "image/png", bytes: new Uint8Array([9]).buffer, sent: false });
    await settled();
    expect(asked.map((one) => one.path)).toEqual(["/api/v1/photos/photo-a"]);
    expect(lacking.value).toEqual([]);
  });

  it("notes a photo that the server cannot read, for the report itself has arrived", async () => {
    replies = (_, path) => (path.includes("photos") ? json(422, { type: "urn:wangge:problem:photo-no-image", detail: "不是照片" }) : json(201, RECEIPT));
    await enqueue(report("a"));
    await settled();
    expect(outbox.value[0]?.state).toBe("sent");
    expect(outbox.value[0]?.refusal?.text).toBe("不是照片");
  });
});
