/** Passkeys on the phone's page: those of the account, a new one, one less. */
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { session } from "../store/session";
import { call } from "../sync/api";
import { momentOf } from "../ui/format";
import { Field, useStored } from "../ui/parts";
import { useOffered } from "./offered";
import { addPasskey, hasPasskeys, type Passkey } from "./passkey";

export function Passkeys() {
  const who = useStored(session, ["session"]);
  const offered = useOffered();
  const [list, setList] = useState<Passkey[] | null>(null);
  const [told, tell] = useState("");
  const load = () => void call<Passkey[]>("/api/v1/passkeys").then((answer) => answer.kind === "ok" && setList(answer.body));
  useEffect(() => {
    if (who && !who.expired) load();
  }, [who?.token]);
  if (!who || who.expired || !offered || !list) return null; // needs a connection, and nothing else here does
  const remove = async (id: string) => {
    const answer = await call(`/api/v1/passkeys/${id}`, { method: "DELETE" });
    tell(t(answer.kind === "ok" ? "passkey.removed" : "passkey.offline"));
    load();
  };
  return (
    <section class="card">
      <h2>{t("passkey.title")}</h2>
      <p>{t("passkey.why")}</p>
      {list.map((each) => <Line key={each.id} passkey={each} remove={() => void remove(each.id)} />)}
      {list.length === 0 && <p class="muted">{t("passkey.none")}</p>}
      {offered.passkey && hasPasskeys() ? <Add name={t("enrol.name.first", { name: who.name })} done={(text) => { tell(text); load(); }} /> : <p class="muted">{offered.why_no_passkey || t("passkey.cannot")}</p>}
      <p role="status">{told}</p>
    </section>
  );
}

function Line({ passkey, remove }: { passkey: Passkey; remove: () => void }) {
  const [sure, ask] = useState(false);
  const { name, created_at, last_used_at } = passkey;
  const used = last_used_at ? t("passkey.used", { at: momentOf(Date.parse(last_used_at)) }) : t("passkey.unused");
  return (
    <div class="field">
      <b>{name}</b>
      <small>{t("passkey.since", { at: momentOf(Date.parse(created_at)) })} · {used}</small>
      {sure && <p>{t("passkey.sure")}</p>}
      <button class="button" onClick={() => (sure ? remove() : ask(true))}>{t(sure ? "passkey.remove.yes" : "passkey.remove")}</button>
    </div>
  );
}

function Add({ name, done }: { name: string; done: (told: string) => void }) {
  const [called, setCalled] = useState(name);
  const [password, setPassword] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const answer = await addPasskey(called.trim(), password);
    setBusy(false);
    if (answer?.kind === "ok") {
      setPassword("");
      setFault("");
      return done(t("passkey.added"));
    }
    const faults = answer?.kind === "refused" ? answer.faults.map((each) => each.reason).join(" ") : "";
    const detail = answer?.kind === "refused" || answer?.kind === "later" ? answer.detail : "";
    setFault(answer === null ? t("passkey.refused") : faults || detail || t("passkey.offline"));
  };
  return (
    <form onSubmit={(event) => void send(event)}>
      <Field id="passkey-name" label={t("passkey.name")}>
        {(given) => <input {...given} value={called} onInput={(event) => setCalled(event.currentTarget.value)} maxLength={80} required />}
      </Field>
      <Field id="passkey-password" label={t("passkey.password")} help={t("passkey.password.help")} fault={fault || undefined}>
        {(given) => <input {...given} type="password" value={password} onInput={(event) => setPassword(event.currentTarget.value)} autocomplete="current-password" required />}
      </Field>
      <button class="button" disabled={busy}>{t("passkey.add")}</button>
    </form>
  );
}
