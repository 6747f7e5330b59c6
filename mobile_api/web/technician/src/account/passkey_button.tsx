/** Signing in with a passkey: one tap, and the phone asks for finger, face or code. */
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { signInWithPasskey } from "./passkey";
import type { WayProps } from "./ways";

export function PasskeyButton({ done }: WayProps) {
  const [told, tell] = useState("");
  const go = async () => {
    tell("");
    const result = await signInWithPasskey();
    if (result === null) return tell(t("in.passkey.failed"));
    if (result.kind === "told" || result.kind === "wrong") return tell(result.kind === "told" ? result.detail : t("in.passkey.failed"));
    done(result);
  };
  return (
    <>
      <button type="button" class="button" onClick={() => void go()}>{t("in.passkey")}</button>
      {told && <p class="fault" role="alert">{told}</p>}
    </>
  );
}
