/** How the phone's page looks: as the device, light, dark, or for bright sun; kept on this phone. */
import { signal } from "@preact/signals";

export const THEMES = ["system", "light", "dark", "sun"] as const;
export type Theme = (typeof THEMES)[number];

const KEPT = "wangge_theme";
/** Told to what draws by itself, as the map does. */
export const THEME_CHANGED = "wangge-theme";

export function themeOf(kept: string | null): Theme {
  return THEMES.find((theme) => theme === kept) ?? "system";
}

function read(): Theme {
  try {
    return themeOf(localStorage.getItem(KEPT));
  } catch {
    return "system";
  }
}

export const theme = signal<Theme>(read());

/** The browser's own bar takes the page's ground. */
function paintBar(): void {
  const ground = getComputedStyle(document.documentElement).getPropertyValue("--ground").trim();
  for (const meta of document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]")) {
    meta.dataset["own"] ??= meta.content;
    meta.content = theme.value === "system" ? meta.dataset["own"]! : ground;
  }
}

function apply(): void {
  const root = document.documentElement;
  if (theme.value === "system") root.removeAttribute("data-theme");
  else root.dataset["theme"] = theme.value;
  paintBar();
  window.dispatchEvent(new Event(THEME_CHANGED));
}

export function wear(next: Theme): void {
  theme.value = next;
  try {
    localStorage.setItem(KEPT, next);
  } catch {
    // forbidden: then it lasts as long as the page
  }
  apply();
}

if (typeof document !== "undefined" && theme.value !== "system") apply();
