/** What stands in the way, above everything else: no connection, no enrolment, an ended session, a full phone, a changed clock. */
import { useEffect, useState } from "preact/hooks";
import { clockOff_ms } from "../chain/clock";
import { t } from "../i18n";
import { currentPhone } from "../store/phone";
import { session } from "../store/session";
import type { Phone, Session } from "../store/types";
import { status } from "../sync/loop";
import { isNearlyFull } from "../sync/storage";
import { Note } from "../ui/parts";
import { useOnline } from "../ui/online";
import { useWatched } from "../ui/state";

/** Less than this is the phone's own correction by the network. */
const CLOCK_NOTED_MS = 120_000;
const LOOK_MS = 30_000;

export interface Known {
  phone: Phone | undefined;
  who: Session | undefined;
}

/** What the banners need; read together with the page's own, so that nothing moves once it is drawn. */
export async function known(): Promise<Known> {
  return { phone: await currentPhone(), who: await session() };
}

export function Banners({ phone, who }: Known) {
  const now = useWatched(status);
  const online = useOnline();
  return (
    <>
      {(!online || now.why === "unreachable") && <Note kind="warn"><p role="status">{t("sync.offline")}</p></Note>}
      {who?.expired && (
        <Note kind="warn" title={t("in.again")}><p>{t("in.again.help")}</p><a class="button" href="#/sign-in">{t("in.go")}</a></Note>
      )}
      {!phone && <Note kind="warn"><p>{t("enrol.need")}</p><a class="button" href="#/enrol">{t("enrol.title")}</a></Note>}
      {phone?.revoked && (
        <Note kind="bad" title={t("phone.revoked")} alert>
          <p>{t("phone.revoked.help", { why: phone.revoked })}</p>
          <a class="button" href="#/enrol">{t("phone.anew")}</a>
        </Note>
      )}
      {isNearlyFull(now.room) && <Note kind="bad" alert title={t("full.title")}><p>{t("full.help")}</p></Note>}
      <ClockChanged />
    </>
  );
}

function ClockChanged() {
  const [by_ms, set] = useState(0);
  useEffect(() => {
    const look = () => set(clockOff_ms());
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  if (Math.abs(by_ms) < CLOCK_NOTED_MS) return null;
  return <Note kind="warn"><p role="status">{t("clock.changed", { n: Math.round(Math.abs(by_ms) / 60_000) })}</p></Note>;
}
