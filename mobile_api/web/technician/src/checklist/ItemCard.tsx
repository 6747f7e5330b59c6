// One item of the checklist: one tap for the usual answer; value, reason, photos and parts where they are asked for.

import { useState } from "preact/hooks";
import { say, t } from "../i18n";
import type { Answer, ChecklistItem, Result } from "../store/types";
import { Badge } from "../ui/parts";
import { Dictated } from "./Dictated";
import { decimalOf, isOutside, limitText } from "./measured";
import { itemName } from "./names";
import { Photos } from "./Photos";
import { answerOf, isByHand, RESULTS } from "./rules";
import { keepAnswer, type Work } from "./work";

interface Props {
  readonly work: Work;
  readonly item: ChecklistItem;
  readonly editable: boolean;
}

export function ItemCard({ work, item, editable }: Props) {
  const { visit, standing } = work;
  const draft = standing.drafts[item.code];
  const signed = standing.answers[item.code];
  const answer = draft?.answer ?? signed;
  const typed = draft?.typed ?? signed?.measured ?? "";
  const described = standing.findings.some((finding) => finding.item === item.code);
  const said = answer ?? answerOf(item.code, "ok");
  const tapped: Answer = { ...said, result: draft?.tapped ?? said.result };
  const keep = (part: Partial<Answer>, value = typed): void => void keepAnswer(visit.id, item, { ...tapped, ...part }, value);
  const tap = (result: Result): void => keep({ result }, result === "not_applicable" ? "" : typed);
  const isWanting = (answer !== undefined && answer.result !== "ok") || item.special_checks.length > 0;
  return (
    <fieldset class={`card item ${standing.answers[item.code] === undefined ? "" : "answered"}`} id={item.code} disabled={!editable}>
      <legend>{itemName(item)}</legend>
      <p>{say(item.requirement_zh, item.requirement_en)} <small>{item.code}</small></p>
      <Marks item={item} isOpen={answer === undefined} described={described} />
      {item.limit !== null && answer?.result !== "not_applicable" && <Value item={item} typed={typed} onTyped={(value) => keep({}, value)} />}
      <Choices item={item} chosen={answer?.result} described={described} onTap={tap} />
      {answer?.result === "finding" && !described && editable && <a class="button danger" href={`#/visits/${visit.id}/finding?item=${item.code}`}>{t("checklist.describe")}</a>}
      {answer?.result === "replaced" && editable && <a class="button" href={`#/visits/${visit.id}/part?item=${item.code}`}>{t("checklist.part_needed")}</a>}
      {item.special_checks.map((check) => (
        <label key={check.key} class="check">
          <input type="checkbox" checked={answer?.special_checks.includes(check.key) ?? false} onChange={(event) => keep({ special_checks: toggled(said.special_checks, check.key, event.currentTarget.checked) })} />
          {say(check.title_zh, check.title_en)}
        </label>
      ))}
      <details open={isWanting || said.note !== ""}>
        <summary>{t("checklist.more")}</summary>
        <Dictated
          id={`note-${item.code}`} label={t(answer?.result === "not_applicable" ? "checklist.note_reason" : "checklist.note")} value={said.note} rows={1}
          fault={answer?.result === "not_applicable" && said.note.trim() === "" ? t("checklist.note_reason") : undefined} onText={(note) => keep({ note })}
        />
        <Photos work={work} use="item" item={item.code} subject="" editable={editable} />
      </details>
    </fieldset>
  );
}

function Marks({ item, isOpen, described }: { readonly item: ChecklistItem; readonly isOpen: boolean; readonly described: boolean }) {
  const marked = item.reasons.length > 0 || described || (isOpen && isByHand(item));
  if (!marked) return null;
  return (
    <>
      <p class="wrap">
        {item.reasons.length > 0 && <Badge kind={item.added ? "info" : "warn"}>{t(item.added ? "checklist.added" : "checklist.first")}</Badge>}
        {isOpen && item.limit !== null && <Badge kind="warn">{t("checklist.measure")}</Badge>}
        {isOpen && item.is_test && <Badge kind="warn">{t("checklist.test")}</Badge>}
        {described && <Badge kind="bad">{t("checklist.described")}</Badge>}
      </p>
      {item.reasons.map((reason) => <p key={reason.key} class="muted">{say(reason.zh, reason.en)}</p>)}
      {item.added && <p class="muted">{t("checklist.optional")}</p>}
    </>
  );
}

function Choices({ item, chosen, described, onTap }: { readonly item: ChecklistItem; readonly chosen: Result | undefined; readonly described: boolean; readonly onTap: (result: Result) => void }) {
  return (
    <>
      <div class="answers" role="radiogroup" aria-label={`${t("checklist.answer")}: ${itemName(item)}`}>
        {RESULTS.map((result) => (
          <label key={result} class={`answer ${result}`}>
            <input type="radio" name={`result-${item.code}`} value={result} checked={chosen === result} disabled={described && (result === "ok" || result === "not_applicable")} onChange={() => onTap(result)} />
            <span>{t(`checklist.${result}`)}</span>
          </label>
        ))}
      </div>
      {described && <p class="muted">{t("checklist.has_finding")}</p>}
    </>
  );
}

function Value({ item, typed, onTyped }: { readonly item: ChecklistItem; readonly typed: string; readonly onTyped: (value: string) => void }) {
  const [text, setText] = useState(typed);
  if (item.limit === null) return null;
  const value = decimalOf(text);
  const told = value === null ? t("checklist.value_wrong") : isOutside(item.limit, value) ? t("checklist.value_outside") : "";
  const id = `value-${item.code}`;
  return (
    <div class="field value">
      <label for={id}>{t("checklist.value", { limit: limitText(item.limit) })}</label>
      <div class="row">
        <input id={id} inputMode="decimal" autocomplete="off" value={text} aria-invalid={told !== "" ? "true" : undefined} aria-describedby={`${id}-told`} onInput={(event) => { setText(event.currentTarget.value); onTyped(event.currentTarget.value); }} />
        <span>{item.limit.unit}</span>
      </div>
      <p id={`${id}-told`} class="fault" role="status">{told}</p>
    </div>
  );
}

function toggled(keys: readonly string[], key: string, on: boolean): string[] {
  return on ? [...keys, key] : keys.filter((one) => one !== key);
}
