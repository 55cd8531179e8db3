import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Receipt } from "../../field/outbox/kinds";
import { asCsv, clearLog, readLog, saveLog } from "../../field/outbox/log";
import { isLow } from "../../field/outbox/space";
import { write } from "../../field/store";
import { emptyStore } from "./make";

const receipt = (id: string, part: Partial<Receipt> = {}): Receipt => ({
  id, kind: "report", person: 7, person_name: "王", no: "3101012611220100001", title: "井盖", made_at: "2026-11-22T01:00:00Z", device_at: "2026-11-22T04:00:00Z",
  sent_at: "2026-11-22T01:05:00Z", received_at: "2026-11-22T01:05:01Z",
  photos: [{ id: "p1", bytes: 3, sha256: "aa", server_sha256: "aa", same: true }, { id: "p2", bytes: 4, sha256: "bb", server_sha256: "cc", same: false }], ...part,
});

describe("the log of what has arrived", () => {
  beforeEach(emptyStore);

  it("is one person's, the newest first, until they clear it", async () => {
    const all = [receipt("a"), receipt("b", { sent_at: "2026-11-22T02:00:00Z" }), receipt("c", { person: 8 })];
    await write(["log"], async (tx) => {
      for (const one of all) await tx.objectStore("log").put(one);
    });
    expect((await readLog(7)).map(({ id }) => id)).toEqual(["b", "a"]);
    await clearLog(await readLog(7));
    expect((await readLog()).map(({ id }) => id)).toEqual(["c"]);
  });

  it("is a table with a line a photo that no spreadsheet takes for formulas", () => {
    const lines = asCsv([receipt("a", { title: "=HYPERLINK(\"x\")", person_name: "王,小" }), receipt("b", { photos: [], no: null, title: "@a\nb" })]).split("\r\n");
    expect(lines[0]).toBe("\ufeffkind,no,uuid,title,person,made_at,device_at,sent_at,received_at,photo,bytes,sha256,server_sha256,same");
    expect(lines[1]).toBe(`report,'3101012611220100001,a,"'=HYPERLINK(""x"")","王,小",2026-11-22T01:00:00Z,2026-11-22T04:00:00Z,2026-11-22T01:05:00Z,2026-11-22T01:05:01Z,p1,3,aa,aa,true`);
    expect(lines[2]).toContain("p2,4,bb,cc,false");
    expect(lines[3]).toBe(`report,,b,"'@a\nb",王,2026-11-22T01:00:00Z,2026-11-22T04:00:00Z,2026-11-22T01:05:00Z,2026-11-22T01:05:01Z,,,,,`);
  });

  it("is saved as two files", async () => {
    const names: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
      names.push(this.download.replace(/\d{4}-\d\d-\d\dT\d{4}/, "AT"));
    });
    await saveLog(7);
    expect(names).toEqual(["wangge-sent-AT.json", "wangge-sent-AT.csv"]);
  });
});

it("is short of room below 15 % or 50 MB", () => {
  const MB = 1024 * 1024;
  expect(isLow(0, 40 * MB)).toBe(true);
  expect(isLow(900 * MB, 1000 * MB)).toBe(true);
  expect(isLow(800 * MB, 1000 * MB)).toBe(false);
  expect(isLow(0, 0)).toBe(false);
});
