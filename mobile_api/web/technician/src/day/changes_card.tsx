/** On the day's page: start and pause, what is not sent yet, stops handed back, swaps that wait for an answer. */
import { useState } from "preact/hooks";
import { n, say, t } from "../i18n";
import type { DayChanges, KeptDay, MarkKind } from "../store/types";
import { call } from "../sync/api";
import { wake } from "../sync/loop";
import { todayIn } from "../sync/refresh";
import { timeOf } from "../ui/format";
import { Badge, Note } from "../ui/parts";
import { freshDay, whyNot } from "./asking";
import { dropWish, roundState, wish, wishName, type Wish } from "./wishes";

export function Changes({ kept, waiting }: { kept: KeptDay; waiting: readonly Wish[] }) {
  const { changes } = kept.view;
  if (!changes) return null;
  const mine = waiting.filter((each) => each.day === kept.day);
  return (
    <>
      {kept.day === todayIn(kept.view.time_zone) && kept.view.stops.length > 0 && <Round kept={kept} changes={changes} waiting={mine} />}
      <Refused waiting={mine} />
      {changes.incoming.length > 0 && <a class="button primary" href="#/swaps">{n("swap.open", "swap.open1", changes.incoming.length)}</a>}
      <HandedBack kept={kept} changes={changes} waiting={mine} />
    </>
  );
}

const NEXT = { waiting: ["start"], running: ["pause"], paused: ["resume"] } as const;

function Round({ kept, changes, waiting }: { kept: KeptDay; changes: DayChanges; waiting: readonly Wish[] }) {
  const state = roundState(changes, waiting);
  const marks = waiting.filter((each) => each.what === "mark" && each.state === "waiting");
  const since = marks.at(-1)?.at_ms ?? changes.standing.since;
  const press = (kind: MarkKind) => void wish(kept.day, { what: "mark", body: { kind, note: "" } }).then(wake);
  return (
    <section class={`card ${state === "paused" ? "warn" : ""}`}>
      {state !== "waiting" && (
        <p class="wrap" role="status">
          <Badge kind={state === "paused" ? "warn" : "ok"}>{t(state === "paused" ? "round.paused" : "round.running")}</Badge>
          {since && <span>{t("round.since", { at: timeOf(since, kept.view.time_zone) })}</span>}
        </p>
      )}
      {marks.length > 0 && <p class="muted">{t("wish.waiting", { n: marks.length })}</p>}
      {NEXT[state].map((kind) => <button key={kind} class={`button ${kind === "pause" ? "" : "primary"}`} onClick={() => press(kind)}>{t(`round.${kind}`)}</button>)}
    </section>
  );
}

function Refused({ waiting }: { waiting: readonly Wish[] }) {
  return (
    <>
      {waiting.filter((each) => each.state === "refused").map((each) => (
        <Note key={each.id} kind="bad" alert title={t("wish.refused", { what: t(wishName(each)) })}>
          <p>{each.why}</p>
          <button class="button" onClick={() => void dropWish(each.id)}>{t("wish.read")}</button>
        </Note>
      ))}
    </>
  );
}

function HandedBack({ kept, changes, waiting }: { kept: KeptDay; changes: DayChanges; waiting: readonly Wish[] }) {
  const [said, tell] = useState("");
  const unsent = waiting.filter((each) => each.what === "rejection" && each.state === "waiting" && !changes.rejections.some((one) => one.id === each.id));
  if (unsent.length + changes.rejections.length === 0) return null;
  const reasons = new Map(changes.reasons.map((reason) => [reason.code, reason]));
  const undo = async (id: string) => {
    const answer = await call(`/api/v1/day/rejections/${id}/undo`, { method: "POST" });
    tell(answer.kind === "ok" ? "" : whyNot(answer));
    await freshDay(kept.day);
  };
  return (
    <section class="card">
      <h2>{t("reject.list")}</h2>
      <ul class="list">
        {unsent.map((each) => each.what === "rejection" && (
          <li key={each.id} class="row">
            <span class="grow">{nameOf(kept, each.body.work_order)} <Badge kind="warn">{t("reject.unsent")}</Badge><br /><span class="muted">{why(reasons.get(each.body.reason), each.body.note)}</span></span>
            <button class="button" onClick={() => void dropWish(each.id)}>{t("wish.take_back")}</button>
          </li>
        ))}
        {changes.rejections.map((each) => (
          <li key={each.id} class="row">
            <span class="grow">{each.name}<br /><span class="muted">{why(each.reason === "other" ? undefined : { zh: each.reason_zh, en: each.reason_en }, each.note)} · {each.technician}</span></span>
            <button class="button" onClick={() => void undo(each.id)}>{t("reject.undo")}</button>
          </li>
        ))}
      </ul>
      {said && <p class="fault" role="alert">{said}</p>}
    </section>
  );
}

function why(reason: { zh: string; en: string } | undefined, note: string): string {
  return [reason && say(reason.zh, reason.en), note].filter(Boolean).join(": ");
}

/** What people call the elevator of a stop of a day. */
export function nameOf(kept: KeptDay, order: string): string {
  const found = kept.view.stops.find((stop) => stop.work_order === order)?.elevator;
  return found ? `${found.site_name} ${found.unit_name}` : "–";
}
