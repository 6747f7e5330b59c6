/** Signing in. */
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { session } from "../store/session";
import { unsent } from "../store/queue";
import { Field, Note, Title, useStored } from "../ui/parts";
import { go, place } from "../ui/router";
import { Switches } from "./switches";
import { signIn, type SignedIn } from "./signing_in";
import { useOffered } from "./offered";
import { WAYS } from "./ways";

export function SignIn() {
  const known = useStored(async () => ({ who: await session(), left: await unsent() }), ["session", "entries"]);
  const [login, setLogin] = useState<string | null>(null);
  const [password, setPassword] = useState("");
  const [shown, show] = useState(false);
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<SignedIn | null>(null);
  const offered = useOffered();
  const name = login ?? known?.who?.login ?? "";
  const done = (ended: SignedIn) => {
    setBusy(false);
    setResult(ended);
    if (ended.kind === "in" && place.value.parts[0] === "sign-in") go("#/", true); // else the page that was wanted is drawn
  };
  const send = (event: Event) => {
    event.preventDefault();
    setBusy(true);
    void signIn(name.trim(), password).then(done);
  };
  const other = known?.who && known.left.entries > 0 && name.trim() !== known.who.login ? known.who.name : null;
  return (
    <>
      <Title>{t("in.title")}</Title>
      {known?.who?.expired && <Note kind="warn" title={t("in.again")}><p>{t("in.again.help")}</p></Note>}
      {known && !known.who && known.left.entries > 0 && <Note kind="info"><p>{t("in.left", { n: known.left.entries })}</p></Note>}
      {other && <Note kind="info"><p>{t("in.other", { name: other })}</p></Note>}
      <form class="card" onSubmit={send}>
        <Field id="login" label={t("in.login")}>
          {(given) => <input {...given} value={name} onInput={(event) => setLogin(event.currentTarget.value)} autocomplete="username" autocapitalize="none" spellcheck={false} required />}
        </Field>
        <Field id="password" label={t("in.password")} fault={faultOf(result)}>
          {(given) => <input {...given} type={(shown ? "text" : "password") as "password"} value={password} onInput={(event) => setPassword(event.currentTarget.value)} autocomplete="current-password" required />}
        </Field>
        <label class="check"><input type="checkbox" checked={shown} onChange={() => show(!shown)} /> {t("in.show")}</label>
        {result?.kind === "other_role" && <p class="fault" role="alert">{t("in.technician")} <a href="/">{location.host}</a></p>}
        <button class="button primary" disabled={busy}>{t(busy ? "in.busy" : "in.go")}</button>
        {offered && WAYS.filter((way) => way.offered(offered)).map((way) => <way.button key={way.key} login={name.trim()} offered={offered} done={done} />)}
      </form>
      <Switches />
    </>
  );
}

function faultOf(result: SignedIn | null): string | undefined {
  if (result?.kind === "wrong") return t("in.wrong");
  if (result?.kind === "offline") return t("in.offline");
  return result?.kind === "told" ? result.detail : undefined;
}
