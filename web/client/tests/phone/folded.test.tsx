import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, it } from "vitest";
import { Folded, isLong } from "../../field/folded";

it("a few lines stand as they are, more than that is folded", () => {
  expect(isLong("井盖缺失")).toBe(false);
  expect(isLong("一\n二\n三\n四")).toBe(false);
  expect(isLong("一\n二\n三\n四\n五")).toBe(true);
  expect(isLong("长".repeat(1800))).toBe(true);
});

it("all of the words come with a tap, and go with another", async () => {
  const place = document.createElement("div");
  const text = "长".repeat(1800);
  await act(() => render(<Folded text={text} shown={`上报:${text}`} />, place));
  const button = place.querySelector("button")!;
  const words = place.querySelector("p")!;
  expect([words.className, button.getAttribute("aria-expanded"), button.textContent]).toEqual(["words few", "false", "看全文(1,800 字)"]);
  await act(() => button.click());
  expect([words.className, words.textContent, button.textContent]).toEqual(["words", `上报:${text}`, "收起"]);
  await act(() => button.click());
  expect(words.className).toBe("words few");
});
