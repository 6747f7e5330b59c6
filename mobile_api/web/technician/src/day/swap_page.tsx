/** Swaps with colleagues: what could be made of a stop, offers that wait for an answer, one's own offers. */
import { useEffect, useState } from "preact/hooks";
import { t, type Key } from "../i18n";
import type { KeptDay, Side, SwapChoice, SwapOffer } from "../store/types";
import { call } from "../sync/api";
import { refreshDay } from "../sync/refresh";
import { keptDay, latestDay } from "../store/day";
import { timeOf } from "../ui/format";
import { useOnline } from "../ui/online";
import { Back, Badge, Empty, Note, Title, useStored } from "../ui/parts";
import { freshDay, more, whyNot } from "./asking";
import type { StopNow } from "./standing";

/** What a stop could be swapped for, just now. */
export function SwapPage({ stop, day }: { stop: StopNow; day: KeptDay }) {
  const online = useOnline();
  const [rows, show] = useState<SwapChoice[] | null>(null);
  const [said, tell] = useState("");
  const order = stop.stop.work_order;
  useEffect(() => {
    if (!online) return;
    void call<{ rows: SwapChoice[] }>(`/api/v1/day/swaps?order=${order}`).then((answer) => {
      if (answer.kind === "ok") show(answer.body.rows);
      else tell(whyNot(answer));
    });
  }, [order, online, day.view.round_version]);
  const offered = day.view.changes?.outgoing.find((offer) => offer.gives === order && offer.state === "offered");
  return (
    <section class="card">
      <h2>{t("swap.name")}</h2>
      <p class="muted">{t("swap.help")}</p>
      {!online && <Note kind="warn"><p>{t("change.online")}</p></Note>}
      {said && <p class="fault" role="alert">{said}</p>}
      {offered ? <Offer offer={offered} day={day} mine /> : rows === null
        ? online && !said && <p role="status">{t("change.checking")}</p>
        : <Choices rows={rows} day={day} tell={tell} />}
    </section>
  );
}

function Choices({ rows, day, tell }: { rows: readonly SwapChoice[]; day: KeptDay; tell: (said: string) => void }) {
  const [busy, setBusy] = useState(false);
  if (rows.length === 0) return <Empty title={t("swap.none")}><p class="muted">{t("swap.none.help")}</p></Empty>;
  const offer = async (row: SwapChoice) => {
    setBusy(true);
    const json = { id: crypto.randomUUID(), gives: row.gives, takes: row.takes, to_crew: row.to_crew };
    const answer = await call<SwapOffer>("/api/v1/day/swaps", { method: "POST", json });
    tell(answer.kind === "ok" ? "" : whyNot(answer));
    await freshDay(day.day);
    setBusy(false);
  };
  return (
    <ul class="list">
      {rows.map((row) => (
        <li class="card" key={`${row.to_crew} ${row.takes}`}>
          <h3>{row.takes ? t("swap.exchange", { crew: row.crew_name, stop: row.takes_name }) : t("swap.give", { crew: row.crew_name })}</h3>
          <p class="muted">{row.people.join(", ")}</p>
          <Figures mine={row.mine} theirs={row.theirs} />
          <button class="button" disabled={busy} onClick={() => void offer(row)}>{t("swap.offer")}</button>
        </li>
      ))}
    </ul>
  );
}

function Figures({ mine, theirs }: { mine: Side; theirs: Side }) {
  const line = (name: Key, side: Side) => [
    t(name, { more: more(side.drive_by_s) }), ...(side.overtime_s > 0 ? [t("swap.overtime", { n: Math.round(side.overtime_s / 60) })] : []),
  ].join(" · ");
  return <p>{line("swap.mine", mine)}<br />{line("swap.theirs", theirs)}</p>;
}

/** `#/swaps`: what waits for an answer, and one's own offers. */
export function SwapsPage() {
  const kept = useStored(async () => {
    const latest = await latestDay();
    return latest ? ((await keptDay(latest.day)) ?? null) : null;
  }, ["days"]);
  useEffect(() => void refreshDay(), []);
  if (kept === undefined) return null;
  const changes = kept?.view.changes;
  const none = !changes || changes.incoming.length + changes.outgoing.length === 0;
  return (
    <>
      <Title>{t("swap.name")}</Title>
      {none && <Empty title={t("swap.nothing")} />}
      {kept && changes?.incoming.map((offer) => <section class="card here" key={offer.id}><Offer offer={offer} day={kept} /></section>)}
      {kept && changes && changes.outgoing.length > 0 && (
        <section class="card">
          <h2>{t("swap.out")}</h2>
          <ul class="list">{changes.outgoing.map((offer) => <li key={offer.id}><Offer offer={offer} day={kept} mine /></li>)}</ul>
        </section>
      )}
      <Back />
    </>
  );
}

/** An offer with what can be done about it: answered by who got it, taken back by who made it. */
function Offer({ offer, day, mine = false }: { offer: SwapOffer; day: KeptDay; mine?: boolean }) {
  const online = useOnline();
  const [said, tell] = useState("");
  const [busy, setBusy] = useState(false);
  const open = offer.state === "offered";
  const decide = async (deed: "accept" | "decline" | "withdraw") => {
    setBusy(true);
    const answer = await call<SwapOffer>(`/api/v1/day/swaps/${offer.id}/${deed}`, { method: "POST" });
    tell(answer.kind === "ok" ? (deed === "accept" ? t("swap.done") : "") : whyNot(answer));
    setBusy(false);
    await freshDay(day.day);
  };
  const { figures } = offer;
  const [goes, comes] = mine ? [figures.gives_name, figures.takes_name] : [figures.takes_name, figures.gives_name];
  return (
    <>
      {!mine && <h2>{t("swap.in", { who: offer.technician })}</h2>}
      <p class="wrap"><Badge kind={open ? "warn" : offer.state === "accepted" ? "ok" : ""}>{t(`swap.state.${offer.state}` as Key)}</Badge>{open && <span class="muted">{t("swap.until", { at: timeOf(offer.expires_at, day.view.time_zone) })}</span>}</p>
      <p>{comes && <>{t("swap.you_take", { stop: comes })}<br /></>}{goes && t("swap.you_give", { stop: goes })}</p>
      {offer.note && <p class="muted">{offer.note}</p>}
      {open && <Figures mine={mine ? figures.mine : figures.theirs} theirs={mine ? figures.theirs : figures.mine} />}
      {open && !online && <p class="muted">{t("change.online")}</p>}
      {open && !mine && (
        <p class="actions">
          <button class="button primary" disabled={busy || !online} onClick={() => void decide("accept")}>{t("swap.accept")}</button>
          <button class="button" disabled={busy || !online} onClick={() => void decide("decline")}>{t("swap.decline")}</button>
        </p>
      )}
      {open && mine && <button class="button" disabled={busy || !online} onClick={() => void decide("withdraw")}>{t("swap.withdraw")}</button>}
      {said && <p role="alert">{said}</p>}
    </>
  );
}
