/** What a person chose for this phone. Read before anything is drawn, so it lies in localStorage. */

export type Language = "zh" | "en";
export type Contrast = "usual" | "high";

function read(name: string): string | null {
  try {
    return localStorage.getItem(`liftrounds.${name}`);
  } catch {
    return null; // storage is switched off: the defaults hold
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`liftrounds.${name}`, value);
  } catch {
    // only remembered until the page is closed
  }
}

/** The language chosen; else the first of the browser's that we have, else Chinese. */
export function language(): Language {
  const chosen = read("language");
  if (chosen === "zh" || chosen === "en") return chosen;
  const wish = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === "zh" || tag === "en");
  return wish === "en" ? "en" : "zh";
}

export function keepLanguage(value: Language): void {
  keep("language", value);
}

export function contrast(): Contrast {
  return read("contrast") === "high" ? "high" : "usual";
}

export function keepContrast(value: Contrast): void {
  keep("contrast", value);
}
