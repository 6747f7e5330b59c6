/** Enrolling the phone by the manager's code. */
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { session } from "../store/session";
import { wake } from "../sync/loop";
import { askToKeep } from "../sync/storage";
import type { Answer } from "../sync/api";
import { Back, Field, Note, Title, useStored } from "../ui/parts";
import { go, place } from "../ui/router";
import { canMakeKeys, enrol, inviteOf } from "./enrolling";

export function Enrol() {
  const who = useStored(session, ["session"]);
  const [code, setCode] = useState(place.value.query.get("invite") ?? "");
  const [name, setName] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const called = name ?? (who ? t("enrol.name.first", { name: who.name }) : "");
  const send = async (event: Event) => {
    event.preventDefault();
    const invite = inviteOf(code);
    if (!invite) return setFault(t("enrol.bad"));
    setBusy(true);
    const told = toldOf(await enrol(invite, called.trim()));
    setBusy(false);
    setFault(told);
    if (told) return;
    void askToKeep(); // the browser decides alone or asks; the phone's page explains it and asks again
    void wake();
    go("#/phone", true);
  };
  if (!canMakeKeys()) return <><Title>{t("enrol.title")}</Title><Note kind="bad" alert><p>{t("enrol.insecure")}</p></Note><Back /></>;
  return (
    <>
      <Title>{t("enrol.title")}</Title>
      <p>{t("enrol.why")}</p>
      <form class="card" onSubmit={(event) => void send(event)}>
        <Field id="invite" label={t("enrol.code")} help={t("enrol.code.help")} fault={fault || undefined}>
          {(given) => <input {...given} value={code} onInput={(event) => setCode(event.currentTarget.value)} autocomplete="one-time-code" autocapitalize="characters" spellcheck={false} placeholder="XXXX-XXXX" required />}
        </Field>
        <a class="button" href="#/scan?for=invite">{t("enrol.scan")}</a>
        <Field id="phone-name" label={t("enrol.name")} help={t("enrol.name.help")}>
          {(given) => <input {...given} value={called} onInput={(event) => setName(event.currentTarget.value)} maxLength={80} required />}
        </Field>
        <button class="button primary" disabled={busy}>{t(busy ? "enrol.busy" : "enrol.go")}</button>
      </form>
      <Back to="#/phone" />
    </>
  );
}

function toldOf(answer: Answer<unknown>): string {
  if (answer.kind === "ok" || answer.kind === "unchanged") return "";
  if (answer.kind === "unreachable") return t("enrol.offline");
  if (answer.kind === "signed_out") return t("in.again");
  const faults = answer.kind === "refused" ? answer.faults.map((each) => each.reason) : [];
  return [answer.detail, ...faults].filter(Boolean).join(" ") || t("enrol.offline");
}
