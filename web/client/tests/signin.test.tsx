import { render } from "preact";
import { act } from "preact/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { speak } from "../shared/language";
import { SignInForm } from "../shared/parts/sign_in_box";

let place: HTMLElement;

function type(name: string, value: string): void {
  const input = place.querySelector<HTMLInputElement>(`[name=${name}]`)!;
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

async function submit(): Promise<void> {
  await act(async () => {
    place.querySelector("form")!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    await new Promise((done) => setTimeout(done));
  });
}

describe("signing in", () => {
  beforeEach(async () => {
    speak("zh-CN");
    place = document.createElement("div");
    await act(() => render(<SignInForm then={() => undefined} />, place));
  });

  it("keeps what was typed when the language is switched", async () => {
    await act(() => type("username", "inspector"));
    await act(() => speak("en"));
    expect(place.textContent).toContain("User name");
    expect(place.querySelector<HTMLInputElement>("[name=username]")!.value).toBe("inspector");
    expect(document.cookie).toContain("wangge_lang=en");
  });

  it("says how long to wait after too many attempts", async () => {
    vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ type: "urn:wangge:problem:sign-in-throttled" }), { status: 429, headers: { "retry-after": "30" } }));
    await act(() => (type("username", "a"), type("password", "b")));
    await submit();
    expect(place.querySelector("[role=alert]")!.textContent).toContain("30 秒");
    expect(place.querySelector<HTMLButtonElement>("[data-testid=signin-submit]")!.disabled).toBe(true);
  });

  it("asks for both fields before it asks the server", async () => {
    const fetched = vi.fn();
    vi.stubGlobal("fetch", fetched);
    await submit();
    expect(fetched).not.toHaveBeenCalled();
    expect(place.querySelector("[role=alert]")!.textContent).toBe("请填写用户名和密码。");
  });
});
