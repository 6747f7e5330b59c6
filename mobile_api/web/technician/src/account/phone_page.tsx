/** The phone: who is signed in, enrolment, language, storage, hand-over. */
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { currentPhone } from "../store/phone";
import { session } from "../store/session";
import { openVisits } from "../store/visits";
import { count, status } from "../sync/loop";
import { askToKeep, isNearlyFull } from "../sync/storage";
import { momentOf, sizeOf } from "../ui/format";
import { Note, Title, useStored } from "../ui/parts";
import { go } from "../ui/router";
import { useWatched } from "../ui/state";
import { InstallButton } from "./install";
import { Passkeys } from "./passkeys";
import { signOut } from "./signing_in";
import { Switches } from "./switches";

export function PhonePage() {
  return (
    <>
      <Title>{t("phone.title")}</Title>
      <Who />
      <Enrolment />
      <Passkeys />
      <Switches />
      <Storage />
      <section class="card">
        <a class="button" href="#/unsent">{t("sync.title")}</a>
        <InstallButton />
        <a class="button" href="/work/">{t("phone.pages")}</a>
      </section>
    </>
  );
}

function Who() {
  const known = useStored(async () => ({ who: await session() }), ["session"]);
  if (!known) return null;
  if (!known.who) return <a class="button primary" href="#/sign-in">{t("in.go")}</a>;
  return (
    <section class="card">
      <p class="muted">{t("phone.who")}</p>
      <p><b>{known.who.name}</b></p>
      {known.who.expired && <p class="fault">{t("in.again")}</p>}
      {known.who.expired && <a class="button primary" href="#/sign-in">{t("in.go")}</a>}
      <Leaving />
    </section>
  );
}

/** Signing out; with work that nobody else has yet, only after a second look. */
function Leaving() {
  const { unsent } = useWatched(status);
  const open = useStored(openVisits, ["visits", "session"]) ?? [];
  const [asked, ask] = useState(false);
  const out = () => void signOut().then(() => go("#/sign-in", true));
  const number = unsent.entries + unsent.unsolved + unsent.photos;
  const safe = number === 0 && open.length === 0;
  if (!asked || safe) {
    return (
      <>
        <button class="button" onClick={() => (safe ? out() : ask(true))}>{t("out.go")}</button>
        <small>{t("out.kept")}</small>
      </>
    );
  }
  return (
    <Note kind="warn" title={t("out.sure")} alert>
      {number > 0 && <p>{t("out.unsent", { n: number })}</p>}
      {open.map((visit) => <p key={visit.id}>{t("out.open", { place: `${visit.site_name} ${visit.unit_name}`.trim() })}</p>)}
      <p>{t("out.stays")}</p>
      <div class="actions">
        <a class="button primary" href="#/unsent">{t("out.send")}</a>
        <button class="button danger" onClick={out}>{t("out.anyway")}</button>
        <button class="button" onClick={() => ask(false)}>{t("do.cancel")}</button>
      </div>
    </Note>
  );
}

function Enrolment() {
  const known = useStored(async () => ({ phone: await currentPhone() }), ["phone", "session"]);
  if (!known) return null;
  const { phone } = known;
  if (!phone) return <Note kind="warn"><p>{t("enrol.need")}</p><a class="button primary" href="#/enrol">{t("enrol.title")}</a></Note>;
  if (phone.revoked) {
    return <Note kind="bad" title={t("phone.revoked")}><p>{t("phone.revoked.help", { why: phone.revoked })}</p><a class="button" href="#/enrol">{t("phone.anew")}</a></Note>;
  }
  return <Note kind="ok"><p>{t("phone.enrolled", { name: phone.name, at: momentOf(phone.enrolled_at_ms) })}</p></Note>;
}

function Storage() {
  const { room } = useWatched(status);
  const [asked, setAsked] = useState(false);
  useEffect(() => void count(), []);
  const ask = () => void askToKeep().then(() => count()).then(() => setAsked(true));
  const used = { used: sizeOf(room.used), quota: sizeOf(room.quota) };
  return (
    <section class="card">
      <h2>{t("phone.storage")}</h2>
      {isNearlyFull(room) && <p class="fault" role="alert">{t("full.title")}: {t("full.help")}</p>}
      <p>{t(room.quota > 0 ? "phone.storage.used" : "phone.storage.used.only", used)}</p>
      {room.persisted ? <p>{t("phone.storage.kept")}</p> : (
        <>
          <p>{t("phone.storage.ask")}</p>
          <button class="button" onClick={ask}>{t("phone.storage.go")}</button>
          <p role="status">{asked && t("phone.storage.no")}</p>
        </>
      )}
    </section>
  );
}
