/** Chinese and English: a sentence by its key, filled in. Each area has a file; all languages have the same keys. */
import { keepLanguage, language as chosen, type Language } from "../store/settings";
import { changed } from "../ui/watched";
import { account } from "./account";
import { changes } from "./changes";
import { checklist } from "./checklist";
import { day } from "./day";
import { inbox } from "./inbox";
import { language } from "./language";
import { rescue } from "./rescue";
import { scan } from "./scan";
import { shell } from "./shell";
import { sync } from "./sync";

const texts = { ...shell, ...day, ...changes, ...account, ...sync, ...scan, ...checklist, ...inbox, ...rescue } as const;

export type Key = keyof typeof texts;
type Values = Record<string, string | number>;

export { language };

/** Takes the language remembered or the browser's. */
export function startLanguage(): void {
  setLanguage(chosen(), false);
}

export function setLanguage(value: Language, remember = true): void {
  if (remember) keepLanguage(value);
  document.documentElement.lang = value === "zh" ? "zh-CN" : "en";
  changed(language, value);
}

/** A sentence in the language chosen, with `{name}` filled in; throws for a key that there is no sentence for. */
export function t(key: Key, values: Values = {}): string {
  return filled(texts[key][language.value], values);
}

/** A sentence for a number: `one` in English for 1; Chinese has no plural. */
export function n(key: Key, one: Key, number: number, values: Values = {}): string {
  return t(language.value === "en" && number === 1 ? one : key, { n: number, ...values });
}

/** The one of two texts that the server sent in both languages. */
export function say(zh: string, en: string): string {
  return (language.value === "zh" ? zh : en) || en || zh;
}

function filled(sentence: string, values: Values): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

export type Texts = Record<string, { zh: string; en: string }>;
