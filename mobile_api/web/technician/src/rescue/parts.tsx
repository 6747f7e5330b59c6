/** What the call and the page of a rescue are made of. */
import { useEffect, useState } from "preact/hooks";
import { mapLinks } from "../day/maps";
import { say, t, type Key } from "../i18n";
import { sendMarks } from "../inbox/fetching";
import { session } from "../store/session";
import type { Session } from "../store/types";
import { askForBackground } from "../sync/loop";
import { timeOf } from "../ui/format";
import { Note, useStored } from "../ui/parts";
import { useWatched } from "../ui/state";
import { answer, dropAnswer, pendingAnswers } from "./answers";
import { rescues } from "./fetching";
import { left_s, minutesOf } from "./standing";
import type { KeptRescue, RescueAnswer, What } from "./types";
import "./rescue.css";

const TICK_MS = 500;
/** Minutes that are read out: a voice that counts every second drowns everything else. */
const SPOKEN = new Set([25, 20, 15, 10, 5, 3, 2, 1]);

export interface Standing {
  all: readonly KeptRescue[];
  pending: readonly RescueAnswer[];
  who: Session | undefined;
}

/** All rescues of the phone, with what is not sent and who holds the phone; undefined until it is read. */
export function useStanding(): Standing | undefined {
  const all = useWatched(rescues);
  const more = useStored(async () => ({ pending: await pendingAnswers(), who: await session() }), ["rescues", "session"]);
  return more && { all, ...more };
}

/** Counts down to when somebody must be there, by the server's clock. */
export function Clock({ kept }: { kept: KeptRescue }) {
  const [left, set] = useState(() => left_s(kept));
  const { summary } = kept.view;
  const stands = summary.arrived_at !== null || summary.released_at !== null || summary.closed_at !== null;
  useEffect(() => {
    set(left_s(kept));
    if (stands) return undefined;
    const timer = setInterval(() => set(left_s(kept)), TICK_MS);
    return () => clearInterval(timer);
  }, [kept]);
  const late = left < 0;
  const name: Key = stands ? (late ? "rescue.there_late" : "rescue.there") : late ? "rescue.late" : "rescue.left";
  const minutes = Math.ceil(left / 60);
  const spoken = stands || !SPOKEN.has(minutes) ? "" : t(minutes === 1 ? "rescue.minute" : "rescue.minutes", { n: minutes });
  return (
    <div class={`rescue-clock ${late ? "late" : ""}`}>
      <p>{t(name)}</p>
      <p class="digits" role="timer" aria-live="off">{minutesOf(left)}</p>
      <p class="hidden" aria-live="polite">{late && !stands ? t("rescue.late") : spoken}</p>
      <p>{t("rescue.by", { at: timeOf(summary.due_at, summary.time_zone) })}</p>
    </div>
  );
}

export function Facts({ kept, technician }: { kept: KeptRescue; technician: string }) {
  const { view } = kept;
  const why = view.rings.filter((ring) => ring.technician === technician).at(-1);
  return (
    <dl class="facts">
      <dt>{t("rescue.where")}</dt><dd>{view.address || view.district}</dd>
      <dt>{t("rescue.code")}</dt><dd class="rescue">{view.rescue_code || "–"}</dd>
      <dt>{t("stop.code")}</dt><dd class="number">{view.summary.registration_code}</dd>
      {view.access_notes && <><dt>{t("stop.access")}</dt><dd><b>{view.access_notes}</b></dd></>}
      {view.people !== null && <><dt>{t("rescue.people")}</dt><dd>{view.people}</dd></>}
      {(view.words || view.caller) && <><dt>{t("rescue.words")}</dt><dd>{[view.caller, view.words].filter(Boolean).join(": ")}</dd></>}
      {why && (why.why_zh || why.why_en) && <><dt>{t("rescue.why")}</dt><dd>{say(why.why_zh, why.why_en)}</dd></>}
      {view.rescue_phone && <><dt>{t("rescue.centre")}</dt><dd><a class="button" href={`tel:${view.rescue_phone}`}>{view.rescue_phone}</a></dd></>}
    </dl>
  );
}

export function Maps({ kept }: { kept: KeptRescue }) {
  const { lat, lon, gcj02 = null, bd09 = null, summary } = kept.view;
  const links = mapLinks({ lat, lon, gcj02, bd09, site_name: summary.site_name }, summary.time_zone);
  if (links.length === 0) return <p class="muted">{t("stop.noplace")}</p>;
  return <p class="actions">{links.map((link) => <a class="button" key={link.name} href={link.address} target="_blank" rel="noopener noreferrer">{t(link.name)}</a>)}</p>;
}

/** Keeps a tap and sends it; what is not sent at once the browser may send later by itself. */
export async function tap(rescue: string, what: What): Promise<void> {
  navigator.vibrate?.(40);
  void closeNotifications(rescue);
  if (await answer(rescue, what)) await sendMarks();
  else await askForBackground();
}

/** An answered call does not go on asking from the lock screen. */
async function closeNotifications(rescue: string): Promise<void> {
  const found = await (await navigator.serviceWorker?.getRegistration())?.getNotifications?.({ tag: `rescue-${rescue}` });
  for (const each of found ?? []) each.close();
}

/** A tap twice is one: the store sees to it, so nothing here has to be greyed out while a phone is slow. */
export function AnswerButton({ kept, what, name, kind = "" }: { kept: KeptRescue; what: What; name: Key; kind?: string }) {
  return <button type="button" class={`button large ${kind}`} onClick={() => void tap(kept.id, what)}>{t(name)}</button>;
}

/** What was tapped and is not at the server, said plainly. */
export function NotSent({ pending, zone }: { pending: readonly RescueAnswer[]; zone: string }) {
  return (
    <>
      {pending.map((each) => {
        const what = t(`rescue.${each.what}`);
        if (!each.refused) {
          return (
            <Note key={each.key} kind="warn" alert title={t("rescue.unsent", { what, at: timeOf(each.at_ms, zone) })}>
              <p>{t("rescue.unsent.help")}{each.what === "arrived" && ` ${t("rescue.unsent.arrived")}`}</p>
            </Note>
          );
        }
        return (
          <Note key={each.key} kind="bad" alert title={t("rescue.refused", { what, why: each.refused })}>
            <button type="button" class="button" onClick={() => each.key !== undefined && void dropAnswer(each.key)}>{t("rescue.seen")}</button>
          </Note>
        );
      })}
    </>
  );
}
