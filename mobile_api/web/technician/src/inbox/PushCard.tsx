/** Turning notifications on and off: said what for before the browser asks. */
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { pushState, tryPush, turnOff, turnOn, type PushState } from "./push";

export function PushCard() {
  const [state, setState] = useState<PushState | undefined>(undefined);
  const [told, setTold] = useState("");
  const [busy, setBusy] = useState(false);
  const look = async () => setState(await pushState());
  useEffect(() => {
    void look();
    const back = () => void look(); // from the browser's settings
    addEventListener("focus", back);
    return () => removeEventListener("focus", back);
  }, []);
  const run = (work: () => Promise<string>) => {
    setBusy(true);
    void work().then(setTold).then(look).finally(() => setBusy(false));
  };
  const on = () => run(async () => {
    const why = await turnOn();
    return why ? t("push.failed", { why }) : "";
  });
  const off = () => run(() => turnOff().then(() => ""));
  const attempt = () => run(async () => ((await tryPush()) ? t("push.tried") : t("sync.offline")));
  if (state === undefined) return null;
  return (
    <section class="card">
      <h2>{t("push.title")}</h2>
      {state === "ios" && <p>{t("push.ios")}</p>}
      {state === "none" && <p>{t("push.none")}</p>}
      {state === "denied" && <p>{t("push.denied")}</p>}
      {state === "off" && <p>{t("push.why")}</p>}
      {state === "off" && <button type="button" class="button" disabled={busy} onClick={on}>{t("push.on")}</button>}
      {state === "on" && <p>{t("push.is_on")}</p>}
      {state === "on" && (
        <p class="actions">
          <button type="button" class="button" disabled={busy} onClick={attempt}>{t("push.try")}</button>
          <button type="button" class="button" disabled={busy} onClick={off}>{t("push.off")}</button>
        </p>
      )}
      <p role="status">{told}</p>
      <small>{t("push.china")}</small>
    </section>
  );
}
