/** Another order of the round: moved with two buttons, checked by the server, done only as it was checked. */
import "./changes.css";
import { useState } from "preact/hooks";
import { say, t } from "../i18n";
import type { KeptDay, OrderCheck } from "../store/types";
import { call } from "../sync/api";
import { clockTime } from "../ui/format";
import { useOnline } from "../ui/online";
import { Note } from "../ui/parts";
import { freshDay, kilometres, more, whyNot } from "./asking";
import type { StopNow } from "./standing";

/** Moves one of a list by a place. */
export function moved<T>(list: readonly T[], from: number, by: 1 | -1): T[] {
  const to = from + by;
  if (to < 0 || to >= list.length) return [...list];
  const next = [...list];
  [next[from], next[to]] = [next[to] as T, next[from] as T];
  return next;
}

/** Stops that nobody has begun, in order. */
export const movable = (stops: readonly StopNow[]): StopNow[] => stops.filter((each) => each.standing === "scheduled" && each.visit === null);

export function OrderPage({ day, stops }: { day: KeptDay; stops: readonly StopNow[] }) {
  const before = movable(stops);
  const key = `${day.view.round_version} ${before.map((each) => each.stop.work_order).join()}`;
  return <Order key={key} day={day} before={before} />;
}

function Order({ day, before }: { day: KeptDay; before: readonly StopNow[] }) {
  const online = useOnline();
  const [list, set] = useState(before);
  const [check, show] = useState<OrderCheck | null>(null);
  const [said, tell] = useState("");
  const [busy, setBusy] = useState(false);
  const same = list.every((each, at) => each === before[at]);
  const move = (at: number, by: 1 | -1) => {
    set(moved(list, at, by));
    show(null);
    tell("");
  };
  const ask = async (path: string, confirmed: boolean): Promise<void> => {
    setBusy(true);
    const json = { round_version: day.view.round_version, work_orders: list.map((each) => each.stop.work_order), confirmed };
    const answer = await call<OrderCheck>(path, { method: "POST", json });
    setBusy(false);
    if (answer.kind !== "ok") {
      tell(whyNot(answer));
      if (answer.kind === "refused") await freshDay(day.day);
      return;
    }
    tell("");
    show(answer.body);
    if (path.endsWith("/check")) return;
    tell(t("order.done"));
    await freshDay(day.day);
  };
  return (
    <section class="card">
      <h2>{t("order.name")}</h2>
      <p class="muted">{t("order.help")}</p>
      {!online && <Note kind="warn"><p>{t("change.online")}</p></Note>}
      <ol class="list moves">
        {list.map((each, at) => <Line key={each.stop.work_order} each={each} at={at} last={list.length - 1} check={check} move={move} />)}
      </ol>
      {check && <Verdict check={check} />}
      <p role="status">{busy ? t("change.checking") : said}</p>
      {same && <p class="muted">{t("order.same")}</p>}
      {!check && <button class="button primary" disabled={same || busy || !online} onClick={() => void ask("/api/v1/day/order/check", false)}>{t("order.check")}</button>}
      {check && check.breaks.length === 0 && said === "" && (
        <button class="button primary" disabled={busy || !online} onClick={() => void ask("/api/v1/day/order", true)}>{t(check.warnings.length > 0 ? "order.confirm" : "order.go")}</button>
      )}
    </section>
  );
}

interface LineProps {
  each: StopNow;
  at: number;
  last: number;
  check: OrderCheck | null;
  move: (at: number, by: 1 | -1) => void;
}

function Line({ each, at, last, check, move }: LineProps) {
  const name = `${each.stop.elevator.site_name} ${each.stop.elevator.unit_name}`;
  const time = check?.stops.find((one) => one.work_order === each.stop.work_order);
  return (
    <li class="row">
      <span class="grow"><b class="number">{clockTime(time?.start_s ?? each.stop.start_s)}</b> {name}{time?.by_s ? <><br /><span class="muted">{more(time.by_s)}</span></> : null}</span>
      <button class="button" aria-label={t("order.up", { stop: name })} disabled={at === 0} onClick={() => move(at, -1)}>↑</button>
      <button class="button" aria-label={t("order.down", { stop: name })} disabled={at === last} onClick={() => move(at, 1)}>↓</button>
    </li>
  );
}

function Verdict({ check }: { check: OrderCheck }) {
  if (check.breaks.length > 0) {
    return (
      <Note kind="bad" alert title={t("order.breaks")}>
        <ul class="points">{check.breaks.map((each) => <li key={each.en}>{say(each.zh, each.en)} {each.already && t("order.already")}</li>)}</ul>
      </Note>
    );
  }
  const { side } = check;
  return (
    <>
      {check.warnings.length > 0
        ? <Note kind="warn" alert title={t("order.warns")}><ul class="points">{check.warnings.map((each) => <li key={each.en}>{say(each.zh, each.en)}</li>)}</ul></Note>
        : <Note kind="ok" title={t("order.fine")} />}
      {side && <p>{t("order.drive", { more: more(side.drive_by_s), km: kilometres(side.metres_by) })}<br />{t("order.back", { at: clockTime(side.return_s), was: clockTime(side.return_before_s) })}</p>}
      {check.changes.length > 0 && <details class="folded"><summary>{t("order.changes")}</summary><ul class="points">{check.changes.map((each) => <li key={each.en}>{say(each.zh, each.en)}</li>)}</ul></details>}
    </>
  );
}
