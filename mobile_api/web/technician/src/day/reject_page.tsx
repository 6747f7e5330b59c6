/** Handing a stop back: a reason of the list, words of one's own, and it is off the round; works without a signal. */
import "./changes.css";
import { useState } from "preact/hooks";
import { Dictated } from "../checklist/Dictated";
import { say, t } from "../i18n";
import type { KeptDay } from "../store/types";
import { wake } from "../sync/loop";
import { go } from "../ui/router";
import type { StopNow } from "./standing";
import { wish } from "./wishes";

const LONGEST = 500;

export function RejectPage({ stop, day }: { stop: StopNow; day: KeptDay }) {
  const [reason, choose] = useState("");
  const [note, write] = useState("");
  const [faults, blame] = useState<{ reason?: string; note?: string }>({});
  const reasons = day.view.changes?.reasons ?? [];
  const send = async () => {
    const chosen = reasons.find((each) => each.code === reason);
    const found = {
      ...(chosen ? {} : { reason: t("reject.choose") }),
      ...(chosen?.needs_note && !note.trim() ? { note: t("reject.note.needed") } : {}),
    };
    blame(found);
    if (Object.keys(found).length > 0) return;
    await wish(day.day, { what: "rejection", body: { work_order: stop.stop.work_order, reason, note: note.trim() } });
    void wake();
    go("#/", true);
  };
  return (
    <form class="card" onSubmit={(event) => { event.preventDefault(); void send(); }} noValidate>
      <h2>{t("reject.name")}</h2>
      <p class="muted">{t("reject.help")}</p>
      <fieldset class="plain" aria-describedby={faults.reason ? "reject-fault" : undefined}>
        <legend>{t("reject.why")}</legend>
        {reasons.map((each) => (
          <label class="check" key={each.code}>
            <input type="radio" name="reason" value={each.code} checked={reason === each.code} onChange={() => choose(each.code)} />
            <span>{say(each.zh, each.en)}</span>
          </label>
        ))}
        {faults.reason && <p class="fault" id="reject-fault" role="alert">{faults.reason}</p>}
      </fieldset>
      <Dictated id="reject-note" label={t("reject.note")} value={note} rows={3} longest={LONGEST} fault={faults.note} onText={write} />
      <button class="button danger" type="submit">{t("reject.go")}</button>
    </form>
  );
}
