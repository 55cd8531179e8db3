import { describe, expect, it } from "vitest";
import { asForm, blank, bodyOf, isBlank, keptForm, lacks, maySettle, moved, photosOf, type ReportForm, sided } from "../field/report/form";
import type { Category } from "../shared/api";
import type { Picture } from "../shared/pictures";

const AT = "2026-11-22T01:00:00Z";
const photo = (id: string): Picture => ({ id, type: "image/jpeg", bytes: new ArrayBuffer(1), sent: false });
const HERE = { lon: 121.4737, lat: 31.2304, accuracy_m: 8, by_hand: false };

function form(part: Partial<ReportForm> = {}): ReportForm {
  return { ...blank("r1", 7), pictures: [photo("a"), photo("b")], spot: HERE, category_code: "01001", ...part };
}

describe("what is sent of a report", () => {
  it("is what was entered, and no field more", () => {
    expect(bodyOf(form({ description: " 井盖缺失 " }), AT)).toEqual({
      source: "inspector", description: "井盖缺失", observed_at: AT, photos: ["a", "b"], category_code: "01001",
      point: { lon: 121.4737, lat: 31.2304, crs: "wgs84", accuracy_m: 8 },
    });
  });

  it("names condition and component where they were chosen", () => {
    const component = { id: "310101010010000001", category_code: "01001", name: "供水井盖", lon: 121.47, lat: 31.23 };
    expect(bodyOf(form({ condition: 7, component }), AT)).toMatchObject({ condition: 7, component_id: component.id });
  });

  it("has no category and none of its conditions in a quick report", () => {
    const body = bodyOf(form({ category_later: true, condition: 7, self_handled: true, after: ["b"] }), AT);
    expect(body).not.toHaveProperty("category_code");
    expect(body).not.toHaveProperty("condition");
    expect(body).not.toHaveProperty("self_handled");
  });

  it("gives a place that was set by hand without accuracy", () => {
    expect(bodyOf(form({ spot: { ...HERE, by_hand: true } }), AT).point).toEqual({ lon: 121.4737, lat: 31.2304, crs: "wgs84" });
  });

  it("names the photos before in front of those after, when it is settled", () => {
    const settled = form({ pictures: ["a", "b", "c"].map(photo), after: ["a", "c"], self_handled: true });
    expect(bodyOf(settled, AT)).toMatchObject({ self_handled: true, photos: ["b", "a", "c"] });
    expect(bodyOf({ ...settled, self_handled: false }, AT).photos).toEqual(["a", "b", "c"]);
  });
});

describe("what a report lacks", () => {
  it("is told as the server would refuse it", () => {
    expect(lacks(form())).toEqual([]);
    expect(lacks(blank("r"))).toEqual(["photo", "place", "category"]);
    expect(lacks(form({ category_code: null }))).toEqual(["category"]);
    expect(lacks(form({ category_code: null, category_later: true }))).toEqual([]);
  });

  it("is a photo of each side and a category, when it is settled on the spot", () => {
    expect(lacks(form({ self_handled: true }))).toEqual(["after"]);
    expect(lacks(form({ self_handled: true, after: ["a", "b"] }))).toEqual(["before"]);
    expect(lacks(form({ self_handled: true, after: ["b"], category_code: null, category_later: true }))).toEqual(["category_settled"]);
    expect(lacks(form({ self_handled: true, after: ["b"] }))).toEqual([]);
  });

  it("is another photo, as long as one is there that the server could not take", () => {
    expect(lacks(form({ refusal: { name: "invalid", text: "", faults: [], photos: ["b"] } }))).toEqual(["photo_refused"]);
    expect(lacks(form({ refusal: { name: "invalid", text: "", faults: [], photos: ["gone"] } }))).toEqual([]);
  });
});

it("photos change places among those of their side only", () => {
  const settled = form({ pictures: ["a", "b", "c", "d"].map(photo), after: ["b"], self_handled: true });
  const ids = (pictures: Picture[]): string => pictures.map(({ id }) => id).join("");
  expect(ids(moved(settled, "c", -1))).toBe("cbad");
  expect(ids(moved(settled, "b", 1))).toBe("abcd");
  expect(ids(moved(settled, "a", -1))).toBe("abcd");
  expect(ids(photosOf({ ...settled, pictures: moved(settled, "a", 1) }, "before"))).toBe("cad");
});

it("a form in which only the phone's own position stands is blank", () => {
  expect(isBlank({ ...blank("r"), spot: HERE })).toBe(true);
  expect(isBlank({ ...blank("r"), spot: { ...HERE, by_hand: true } })).toBe(false);
  expect(isBlank(form())).toBe(false);
});

it("settling on the spot is offered unless the catalogue says no", () => {
  const never = { self_handle: false } as Category;
  expect([undefined, {} as Category, never].map(maySettle)).toEqual([true, true, false]);
  expect(lacks(form({ self_handled: true, after: ["b"] }), never)).toEqual(["settled_not"]);
  expect(lacks(form(), never)).toEqual([]);
});

it("photos taken before it was ticked go to the other side, and back", () => {
  const ticked = form({ pictures: ["a", "b", "c"].map(photo), self_handled: true });
  const after = sided(ticked, "c", "after");
  expect(lacks({ ...ticked, after })).toEqual([]);
  expect(bodyOf({ ...ticked, after: sided({ after }, "a", "after") }, AT).photos).toEqual(["b", "a", "c"]);
  expect(sided({ after }, "c", "after")).toEqual(["c"]);
  expect(sided({ after }, "c", "before")).toEqual([]);
});

it("the form kept beside a report on its way is the whole form but its photos", () => {
  const before = form({ self_handled: true, after: ["b"], condition: 7, photo_spot: { lon: 1, lat: 2 } });
  expect(asForm({ ...keptForm(before), pictures: before.pictures } as ReportForm)).toEqual(before);
});

it("a draft of an older page gets the fields that it did not know", () => {
  const old = { id: "r1", person: null, changed_at: AT, pictures: [], spot: HERE, category_code: "01001" };
  expect(asForm(old)).toEqual({ ...blank("r1"), changed_at: AT, spot: HERE, category_code: "01001" });
});
