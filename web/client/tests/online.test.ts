import { beforeEach, describe, expect, it, vi } from "vitest";
import { call, get, online, Problem, signedOut, Unreachable } from "../shared/http";
import { loadSession, recall, session } from "../shared/session";

let reply: () => Promise<Response> | Response;
const html = (status: number): Response => new Response("<html>Wi-Fi</html>", { status, headers: { "content-type": "text/html" } });
const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
const KNOWN = { person: { id: 7, name: "王" }, roles: [], permissions: ["report"], csrf_token: "t" };

beforeEach(() => {
  localStorage.clear();
  online.value = true;
  signedOut.value = false;
  session.value = null;
  vi.stubGlobal("fetch", async () => reply());
});

describe("being online", () => {
  it.each([200, 401, 403, 404, 500, 502])("is no portal's page with %i", async (status) => {
    reply = () => html(status);
    await expect(get("sync")).rejects.toBeInstanceOf(Unreachable);
    expect(online.value).toBe(false);
    expect(signedOut.value).toBe(false);
  });

  it("is nobody's JSON that is no problem of ours, nor half an answer, nor an empty one without its number", async () => {
    for (const answer of [() => json({ error: "blocked" }, 403), () => json({}), () => new Response('{"items": ['), () => new Response(null, { status: 204 })]) {
      online.value = true;
      reply = answer;
      await expect(get("sync")).rejects.toBeInstanceOf(Unreachable);
      expect(online.value).toBe(false);
    }
  });

  it("is our answer and our refusal, also an empty one that carries its number", async () => {
    for (const answer of [() => json({ items: [] }), () => json({ type: "urn:wangge:problem:not-found" }, 404), () => new Response(null, { status: 204, headers: { "X-Request-ID": "r1" } })]) {
      online.value = false;
      reply = answer;
      await call("GET", "cases").catch((error: unknown) => expect(error).toBeInstanceOf(Problem));
      expect(online.value).toBe(true);
    }
  });

  it("is not what the device believes of its network: our server is asked", async () => {
    online.value = false;
    reply = () => html(200);
    window.dispatchEvent(new Event("online"));
    await new Promise((done) => setTimeout(done));
    expect(online.value).toBe(false);
    reply = () => json({ type: "urn:wangge:problem:not-signed-in" }, 401);
    window.dispatchEvent(new Event("online"));
    await vi.waitFor(() => expect(online.value).toBe(true));
  });
});

describe("a session without a person", () => {
  it("is no answer: the kept one stands, and nothing of it is written", async () => {
    reply = () => json(KNOWN);
    expect(await loadSession()).toBe(true);
    for (const portal of [{}, { person: {} }, { ok: true }, null]) {
      online.value = true;
      reply = () => json(portal);
      expect(await loadSession()).toBe(true);
      expect([session.value?.person.id, online.value]).toEqual([7, false]);
      expect(recall()).toBe(true);
    }
    localStorage.clear();
    session.value = null;
    expect(await loadSession()).toBe(false);
    expect(localStorage.getItem("wangge_session")).toBeNull();
  });

  it("that was written down before is none either", () => {
    for (const text of ["{}", '{"csrf_token":""}', "{half"]) {
      localStorage.setItem("wangge_session", text);
      expect(recall()).toBe(false);
      expect(session.value).toBeNull();
    }
  });
});
