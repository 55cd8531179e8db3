import { describe, expect, it } from "vitest";
import { EVENTS, isEditable, maybeDelivered, next, STATES } from "../../field/outbox/states";

/** Every state with every event, in the order of EVENTS; `-`: it cannot happen. */
const ALL = `
             send     start    accept    later    sign_in  refuse   interrupt edit   retake   discard
  draft      waiting  -        -         -        -        -        -         draft  -        gone
  waiting    waiting  sending  -         -        -        -        -         draft  waiting  gone
  sending    -        -        accepted  waiting  waiting  refused  waiting   -      -        -
  refused    waiting  -        -         -        -        -        -         draft  -        gone
  accepted   -        -        -         -        -        -        -         -      waiting  gone
`;

const rows = ALL.trim().split("\n").map((line) => line.trim().split(/\s+/));
const [head = [], ...body] = rows;

describe("the table of states", () => {
  it("is spelt out whole", () => {
    expect(head).toEqual([...EVENTS]);
    expect(body.map(([state]) => state)).toEqual([...STATES]);
  });

  for (const [state = "", ...cells] of body) {
    it.each(cells.map((to, index) => [head[index], to]))(`takes ${state} by %s to %s`, (event, to) => {
      expect(next(state as never, event as never) ?? "-").toBe(to);
    });
  }

  it("loses nothing that has not arrived but by the person's own hand", () => {
    for (const state of STATES) for (const event of EVENTS) if (next(state, event) === "gone") expect(event).toBe("discard");
  });

  it("lets an item be written anew only if the server has certainly not got it", () => {
    const item = { state: "waiting", uncertain: false, receipt: null } as const;
    expect(isEditable(item)).toBe(true);
    expect(isEditable({ ...item, state: "refused" })).toBe(true);
    expect(isEditable({ ...item, uncertain: true })).toBe(false);
    expect(isEditable({ ...item, receipt: {} })).toBe(false);
    expect(isEditable({ ...item, state: "sending" })).toBe(false);
    expect(isEditable({ ...item, state: "accepted" })).toBe(false);
    expect(maybeDelivered({ ...item, uncertain: true })).toBe(true);
    expect(maybeDelivered(item)).toBe(false);
  });
});
