/** What is unsent, why, and what can be done about it. */
import { useState } from "preact/hooks";
import { wishName, wishes, type Wish } from "../day/wishes";
import { kindName } from "../day/words";
import { say, t, type Key } from "../i18n";
import { allPhones } from "../store/phone";
import { unsentPhotos } from "../store/photos";
import { allWaiting, leftOut, unsolved } from "../store/queue";
import { session } from "../store/session";
import { localVisits } from "../store/visits";
import type { Photo, QueuedEntry } from "../store/types";
import { momentOf, sizeOf, timeOf } from "../ui/format";
import { useOnline } from "../ui/online";
import { Badge, Empty, Note, Title, useStored } from "../ui/parts";
import { useWatched } from "../ui/state";
import { status, wake, type Status } from "./loop";

/** Lines shown of a long queue. */
const SHOWN = 30;

export function Unsent() {
  const now = useWatched(status);
  const found = useStored(
    async () => ({
      waiting: await allWaiting(), said: await wishes(), asked: await unsolved(), out: await leftOut(), photos: await unsentPhotos(), phones: await allPhones(), who: await session(),
      places: new Map((await localVisits()).map((visit) => [visit.id, `${visit.site_name} ${visit.unit_name}`])),
    }),
    ["entries", "photos", "phone", "session", "visits", "days"],
  );
  if (!found) return null;
  const { waiting, said, asked, out, photos, phones, who, places } = found;
  const others = new Set(phones.filter((phone) => who && phone.technician !== who.technician).map((phone) => phone.id));
  const foreign = waiting.filter((entry) => others.has(entry.phone)).length;
  const records = waiting.length + asked.length + photos.length;
  const empty = records + said.length === 0;
  return (
    <>
      <Title>{t("sync.title")}</Title>
      <State now={now} />
      {foreign > 0 && <Note kind="info"><p>{t("sync.colleague", { n: foreign })}</p></Note>}
      {asked.length > 0 && (
        <section class="card">
          <h2>{t("sync.unsolved")}</h2>
          <p class="muted">{t("sync.unsolved.help")}</p>
          <Entries entries={asked} places={places} />
        </section>
      )}
      {waiting.length > 0 && <section class="card"><h2>{t("sync.queue")}</h2><Entries entries={waiting} places={places} /></section>}
      {said.length > 0 && <Said said={said} />}
      {photos.length > 0 && <Photos photos={photos} />}
      {out.length > 0 && (
        <section class="card">
          <h2>{t("sync.left_out")}</h2>
          <p class="muted">{t("sync.left_out.help")}</p>
          <Entries entries={out} places={places} />
        </section>
      )}
      {empty && <Empty title={t("sync.none")}><p class="muted">{t("sync.none.help")}</p></Empty>}
      {records > 0 && <HandOver />}
    </>
  );
}

function State({ now }: { now: Status }) {
  const online = useOnline();
  const { entries, photos, bytes } = now.unsent;
  const at = now.next_ms ? timeOf(now.next_ms) : "";
  const why = !online ? t("sync.offline")
    : now.phase === "retry" ? t(now.why === "unreachable" ? "sync.unreachable" : "sync.later", { at, detail: now.detail })
    : now.phase === "signed_out" ? t("in.again.help")
    : now.phase === "sending" ? t("sync.sending") : "";
  return (
    <section class="card">
      {entries + photos > 0 && <p>{t("sync.count", { entries, photos, size: sizeOf(bytes) })}</p>}
      {entries + photos > 0 && <p class="muted">{t("sync.safe")}</p>}
      <p role="status">{why}</p>
      {now.last_done_ms && <p class="muted">{t("sync.last", { at: timeOf(now.last_done_ms) })}</p>}
      {now.phase === "signed_out"
        ? <a class="button primary" href="#/sign-in">{t("in.go")}</a>
        : <button class="button primary" disabled={now.phase === "sending"} onClick={() => void wake()}>{t(now.phase === "sending" ? "sync.sending" : "sync.now")}</button>}
    </section>
  );
}

function Entries({ entries, places }: { entries: readonly QueuedEntry[]; places: ReadonlyMap<string, string> }) {
  const more = entries.length - SHOWN;
  return (
    <>
      <ul class="list">
        {entries.slice(0, SHOWN).map((entry) => (
          <li key={entry.key}>
            <p class="wrap"><b>{kindName(entry.kind)}</b><Badge kind={entry.state === "refused" ? "bad" : "warn"}>{t(`sync.state.${entry.state}` as Key)}</Badge></p>
            <p class="muted">{[places.get(entry.visit), momentOf(entry.at_ms), `#${entry.seq}`].filter(Boolean).join(" · ")}</p>
            {entry.reason_en && <p>{say(entry.reason_zh, entry.reason_en)}</p>}
          </li>
        ))}
      </ul>
      {more > 0 && <p class="muted">{t("sync.more", { n: more })}</p>}
    </>
  );
}

/** What was said about the day; the day's page says what can be done about what was refused. */
function Said({ said }: { said: readonly Wish[] }) {
  return (
    <section class="card">
      <h2>{t("wish.title")}</h2>
      <ul class="list">
        {said.map((each) => (
          <li key={each.id}>
            <p class="wrap"><b>{t(wishName(each))}</b><Badge kind={each.state === "refused" ? "bad" : "warn"}>{t(`sync.state.${each.state}`)}</Badge></p>
            <p class="muted">{momentOf(each.at_ms)}</p>
            {each.why && <p>{each.why}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Photos({ photos }: { photos: readonly Photo[] }) {
  const refused = photos.filter((photo) => photo.refused);
  return (
    <section class="card">
      <h2>{t("sync.photos")}: {photos.length}</h2>
      {refused.map((photo) => <p key={photo.id} class="fault">{t("sync.photo.refused", { why: photo.refused })}</p>)}
    </section>
  );
}

function HandOver() {
  const [said, say_] = useState("");
  const [busy, setBusy] = useState(false);
  const make = async () => {
    setBusy(true);
    say_(await handOver().catch((error: unknown) => t("hand.failed", { why: String(error) })));
    setBusy(false);
  };
  return (
    <section class="card">
      <h2>{t("hand.title")}</h2>
      <p class="muted">{t("hand.help")}</p>
      <button class="button" disabled={busy} onClick={() => void make()}>{t(busy ? "hand.busy" : "hand.go")}</button>
      <p role="status">{said}</p>
    </section>
  );
}

/** A file of the library that encrypts is loaded only here. */
async function handOver(): Promise<string> {
  const { giveOut, unsentFiles } = await import("./handover");
  const files = await unsentFiles();
  if (files.length === 0) return t("enrol.need");
  const given = await giveOut(files);
  return given === "cancelled" ? "" : t(given === "shared" ? "hand.shared" : "hand.saved");
}
