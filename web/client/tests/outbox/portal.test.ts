import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import type { News } from "../../field/outbox/exchange";
import { sendAll } from "../../field/outbox/sender";
import { FakeServer } from "./fake_server";
import { all, emptyStore, given, means, picture } from "./make";

let server = new FakeServer();

beforeEach(async () => {
  await emptyStore();
  server = new FakeServer();
});

describe("who answers in the server's place", () => {
  it.each([
    ["a page with 200", { status: 200 }],
    ["JSON with 200", { status: 200, body: {} }],
    ["a proxy's 401", { status: 401 }],
    ["a firewall's 403", { status: 403, body: { error: "blocked" } }],
    ["a proxy's 500", { status: 500 }],
  ] as const)("%s is no connection, and nobody has to sign in for it", async (_, fault) => {
    await given("a", [picture("p1")]);
    const news: News["what"][] = [];
    server.plan = () => fault;
    expect((await sendAll(means(server, { told: ({ what }) => news.push(what) }))).end).toBe("later");
    expect(news).toEqual(["silent"]);
    expect((await all())["a"]?.state).toBe("waiting");
  });

  it("is told from a refusal of ours: that is a connection", async () => {
    await given("a", [picture("p1")]);
    const news: News["what"][] = [];
    server.plan = ({ path }) => (path === "reports/a" ? { status: 422, name: "invalid" } : null);
    await sendAll(means(server, { told: ({ what }) => news.push(what) }));
    expect(news.filter((what) => what === "answered" || what === "silent")).toEqual(["answered", "answered"]);
  });
});
