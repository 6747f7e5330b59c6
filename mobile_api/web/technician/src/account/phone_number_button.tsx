/** Signing in by a code sent to one's number; its program comes when it is first wanted. */
import { useState } from "preact/hooks";
import { t } from "../i18n";
import type { WayProps } from "./ways";
import type { PhoneNumber } from "./phone_number";

export function PhoneNumberButton(props: WayProps) {
  const [found, set] = useState<typeof PhoneNumber | null>(null);
  const [failed, fail] = useState(false);
  if (found) {
    const Form = found;
    return <Form {...props} />;
  }
  const open = () => void import("./phone_number").then((module) => set(() => module.PhoneNumber), () => fail(true));
  return (
    <>
      <button type="button" class="button" onClick={open}>{t("in.number")}</button>
      {failed && <p class="fault" role="alert">{t("in.offline")}</p>}
    </>
  );
}
