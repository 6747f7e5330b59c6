/** Number, SMS, code: verified by Firebase's Identity Toolkit, whose token our server takes for a session. */
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { call } from "../sync/api";
import { Field } from "../ui/parts";
import type { PhoneNumberWay } from "./offered";
import { takeSession, type NewSession } from "./signing_in";
import { askForPerson } from "./person";
import type { WayProps } from "./ways";

const CHINESE_MOBILE = /^1[3-9]\d{9}$/;
const LONGEST_MS = 30_000;

/** The number in the international form; mobile numbers of China may be written without their country. Empty where it is none. */
export function international(text: string): string {
  const plain = text.replace(/[\s().-]/g, "").replace(/^00/, "+");
  const whole = CHINESE_MOBILE.test(plain) ? `+86${plain}` : plain;
  return /^\+[1-9]\d{6,14}$/.test(whole) ? whole : "";
}

/** What the toolkit answered; null where it refused, undefined where it was not reached. */
async function toolkit<T>(way: PhoneNumberWay, what: string, json: unknown): Promise<T | null | undefined> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), LONGEST_MS);
  try {
    const answer = await fetch(`${way.url}/v1/accounts:${what}?key=${encodeURIComponent(way.api_key)}`, {
      method: "POST", body: JSON.stringify(json), headers: { "Content-Type": "application/json" }, credentials: "omit", signal: controller.signal,
    });
    return answer.ok ? ((await answer.json()) as T) : null;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

export function PhoneNumber({ offered, done }: WayProps) {
  const way = offered.phone_number as PhoneNumberWay;
  const [number, setNumber] = useState("");
  const [code, setCode] = useState("");
  const [sent, setSent] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const box = useRef<HTMLDivElement>(null);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), [sent]);
  const attempt = async (work: () => Promise<string>) => {
    setBusy(true);
    setFault(await work());
    setBusy(false);
  };
  const ask = () => attempt(async () => {
    const phoneNumber = international(number);
    if (!phoneNumber) return t("in.number.bad");
    const person = way.recaptcha ? await askForPerson(way, box.current as HTMLDivElement) : {};
    if (!person) return t("in.number.offline");
    const answer = await toolkit<{ sessionInfo: string }>(way, "sendVerificationCode", { phoneNumber, ...person });
    if (!answer) return t(answer === null ? "in.number.refused" : "in.number.offline");
    setSent(answer.sessionInfo);
    return "";
  });
  const show = () => attempt(async () => {
    const answer = await toolkit<{ idToken: string }>(way, "signInWithPhoneNumber", { sessionInfo: sent, code: code.trim() });
    if (!answer) return t(answer === null ? "in.number.wrong" : "in.number.offline");
    const session = await call<NewSession>("/api/v1/sessions/phone-numbers", { method: "POST", json: { id_token: answer.idToken }, token: null });
    const result = await takeSession("", session);
    if (result.kind === "told") return result.detail;
    done(result);
    return "";
  });
  const byEnter = (event: KeyboardEvent) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // it stands in the form of the password
    void (sent ? show() : ask());
  };
  return (
    <div onKeyDown={byEnter}>
      {!sent && (
        <Field id="number" label={t("in.number.yours")} help={t("in.number.help")} fault={fault || undefined}>
          {(given) => <input {...given} ref={first} type="tel" autocomplete="tel" inputMode="tel" value={number} onInput={(event) => setNumber(event.currentTarget.value)} />}
        </Field>
      )}
      {sent && (
        <Field id="sms-code" label={t("in.number.code")} help={t("in.number.sent", { number: international(number) })} fault={fault || undefined}>
          {(given) => <input {...given} ref={first} autocomplete="one-time-code" inputMode="numeric" value={code} onInput={(event) => setCode(event.currentTarget.value)} />}
        </Field>
      )}
      <div ref={box} />
      <button type="button" class="button" disabled={busy} onClick={() => void (sent ? show() : ask())}>{t(sent ? "in.number.go" : "in.number.send")}</button>
      {sent && <button type="button" class="button" onClick={() => { setSent(""); setCode(""); setFault(""); }}>{t("in.number.other")}</button>}
    </div>
  );
}
