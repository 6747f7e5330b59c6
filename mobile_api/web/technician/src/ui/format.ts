/** Times, days and sizes as people read them. */
import { language } from "../i18n";

const WEEKDAYS_ZH = "日一二三四五六";
const WEEKDAYS_EN = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** Seconds after midnight as `08:30`; a dash for none. */
export function clockTime(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "–";
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor((seconds % 3600) / 60))}`;
}

/** An instant as `14:05` in a time zone. */
export function timeOf(at: number | string, zone?: string): string {
  return format(at, zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/** An instant as `2026-11-30 14:05`. */
export function momentOf(at: number | string, zone?: string): string {
  return `${format(at, zone, { year: "numeric", month: "2-digit", day: "2-digit" })} ${timeOf(at, zone)}`;
}

const made = new Map<string, Intl.DateTimeFormat>();

function format(at: number | string, zone: string | undefined, parts: Intl.DateTimeFormatOptions): string {
  const key = `${zone ?? ""} ${Object.keys(parts).join()}`;
  const found = made.get(key) ?? formatOf(zone, parts);
  made.set(key, found); // to make one costs a phone more than a hundred uses of it
  return found.format(new Date(at));
}

function formatOf(zone: string | undefined, parts: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-CA", { ...parts, ...(zone ? { timeZone: zone } : {}) });
  } catch {
    return new Intl.DateTimeFormat("en-CA", parts); // a browser that does not know the zone
  }
}

/** The local date in a time zone, such as `2026-11-30`. */
export function dateIn(zone: string, at: number): string {
  return format(at, zone, { year: "numeric", month: "2-digit", day: "2-digit" });
}

/** A day as `2026-11-30 周一`, `2026-11-30 Mon`. */
export function dayOf(day: string): string {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return `${day} ${language.value === "zh" ? `周${WEEKDAYS_ZH.charAt(weekday)}` : (WEEKDAYS_EN[weekday] ?? "")}`;
}

/** Bytes as `12 MB`. */
export function sizeOf(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.ceil(bytes / 1024)} KB`;
  const megabytes = bytes / (1024 * 1024);
  return megabytes < 10 ? `${megabytes.toFixed(1)} MB` : megabytes < 1024 ? `${Math.round(megabytes)} MB` : `${(megabytes / 1024).toFixed(1)} GB`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
