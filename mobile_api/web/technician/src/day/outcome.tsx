/** What a visit's record changed: the next due window, wear, hazards, and how the evidence was read. */
import { say, t } from "../i18n";
import type { AfterVisit, Departed, DayStop } from "../store/types";
import { Badge } from "../ui/parts";
import { dayOf } from "../ui/format";
import { className, outcomeName } from "./words";

interface Props {
  outcome: Departed;
  after?: AfterVisit | undefined;
  /** As it was at the arrival: what was worn then. */
  stop?: DayStop | null | undefined;
  /** Leaves wear and the checks of the evidence out. */
  brief?: boolean;
}

export function Outcome({ outcome, after: now, stop, brief }: Props) {
  const { window_before: before, window_after: after } = outcome;
  return (
    <div class="outcome">
      <h3>{t("outcome.title")}</h3>
      <dl class="facts">
        {before && <><dt>{t("outcome.before")}</dt><dd>{dayOf(before.last_day)}</dd></>}
        {after && <><dt>{t("outcome.next")}</dt><dd>{dayOf(after.first_day)} – {dayOf(after.last_day)}</dd></>}
        {after?.maintenance_class && <><dt>{t("outcome.class")}</dt><dd>{className(after.maintenance_class)}</dd></>}
        {after && !brief && <><dt>{t("outcome.why")}</dt><dd>{say(after.reason_zh, after.reason_en)}</dd></>}
        {!brief && wornBefore(stop).map((worn) => <><dt>{t("outcome.wear.before")}</dt><dd>{worn}</dd></>)}
        {!brief && now?.wear.map((worn) => <><dt>{t("outcome.wear")}</dt><dd>{say(worn.zh, worn.en)}</dd></>)}
        {now?.faults && <><dt>{t("outcome.hazard")}</dt><dd>{t("outcome.faults", { n: now.faults.mean.toFixed(2), until: now.faults.until })}</dd></>}
        {outcome.grade && <><dt>{t("outcome.evidence")}</dt><dd><Badge kind={outcome.grade < "C" ? "ok" : "warn"}>{outcome.grade}</Badge></dd></>}
      </dl>
      {outcome.review === "waiting" && <p>{t("outcome.review")}</p>}
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

function wornBefore(stop: DayStop | null | undefined): string[] {
  const worn = (stop?.checklist ?? []).flatMap((item) => item.reasons.filter((reason) => reason.key === "worn"));
  return [...new Set(worn.map((reason) => say(reason.zh, reason.en)))];
}
