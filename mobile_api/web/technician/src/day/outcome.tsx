/** What a visit's record changed: the next due window, wear, hazards, and how the evidence was read. */
import { say, t } from "../i18n";
import type { Departed } from "../store/types";
import { Badge } from "../ui/parts";
import { dayOf } from "../ui/format";
import { className, outcomeName } from "./words";

/** `brief` leaves the checks of the evidence out. */
export function Outcome({ outcome, brief }: { outcome: Departed; brief?: boolean }) {
  const { window_before: before, window_after: after } = outcome;
  return (
    <div class="outcome">
      <h3>{t("outcome.title")}</h3>
      <dl class="facts">
        {before && <><dt>{t("outcome.before")}</dt><dd>{dayOf(before.last_day)}</dd></>}
        {after && <><dt>{t("outcome.next")}</dt><dd>{dayOf(after.first_day)} – {dayOf(after.last_day)}</dd></>}
        {after?.maintenance_class && <><dt>{t("outcome.class")}</dt><dd>{className(after.maintenance_class)}</dd></>}
        {after && !brief && <><dt>{t("outcome.why")}</dt><dd>{say(after.reason_zh, after.reason_en)}</dd></>}
        {outcome.wear && <><dt>{t("outcome.wear")}</dt><dd>{say(outcome.wear.zh, outcome.wear.en)}</dd></>}
        {outcome.hazard && <><dt>{t("outcome.hazard")}</dt><dd>{say(outcome.hazard.zh, outcome.hazard.en)}</dd></>}
        {outcome.grade && <><dt>{t("outcome.evidence")}</dt><dd><Badge kind={outcome.grade < "C" ? "ok" : "warn"}>{outcome.grade}</Badge></dd></>}
      </dl>
      {!brief && outcome.evidence.length > 0 && (
        <ul class="list">
          {outcome.evidence.map((check) => (
            <li key={check.name} class="row">
              <Badge kind={{ passed: "ok", failed: "bad", skipped: "" }[check.outcome] as "ok" | "bad" | ""}>{outcomeName(check.outcome)}</Badge>
              <span class="grow">{say(check.reason_zh, check.reason_en)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
