// A finding: how bad, what, where, photos; what it does is said before it is done, and the notice is shown as the owner will read it.

import { useState } from "preact/hooks";
import { language, say, t } from "../i18n";
import { latestDay } from "../store/day";
import type { FindingSaid, Severity, StopUseChoice, TechnicianDay } from "../store/types";
import { todayIn } from "../sync/refresh";
import { Back, Field, Note, Title, useStored } from "../ui/parts";
import { go } from "../ui/router";
import { Dictated } from "./Dictated";
import { findingFaults, LONGEST_PLACE, normalFinding, SEVERITIES, type FindingFault } from "./findings";
import { itemName, visitName } from "./names";
import { noticeText } from "./notice";
import { Photos } from "./Photos";
import { dropFindingDraft, findingDraft, isEditable, keepFindingDraft, report, type Work } from "./work";

export function FindingPage({ work, item }: { readonly work: Work; readonly item: string }) {
  const begun = useStored(async () => ({ draft: await findingDraft(work.visit.id), day: (await latestDay())?.view ?? null }), [], [work.visit.id]);
  if (begun === undefined) return null;
  // A draft about another item stays where it is until it is finished; this one is new.
  const draft = begun.draft !== undefined && (item === "" || begun.draft.item === item) ? begun.draft : emptyFinding(work, item);
  return <Form work={work} draft={draft} day={begun.day} />;
}

function emptyFinding(work: Work, item: string): FindingSaid {
  const note = work.standing.answers[item]?.note ?? "";
  return { id: crypto.randomUUID(), item, severity: "general", stop_use_condition: "", description: note, place: "", proposal: "" };
}

function Form({ work, draft, day }: { readonly work: Work; readonly draft: FindingSaid; readonly day: TechnicianDay | null }) {
  const { visit } = work;
  const [finding, setFinding] = useState(draft);
  const [asked, setAsked] = useState(false);
  const faults = asked ? findingFaults(finding) : [];
  const faultOf = (field: FindingFault["field"], needed: "finding.description_needed" | "finding.condition_needed"): string | undefined => {
    const fault = faults.find((one) => one.field === field);
    return fault === undefined ? undefined : t(fault.reason === "needed" ? needed : "finding.too_long");
  };
  const change = (more: Partial<FindingSaid>): void => {
    const next = { ...finding, ...more };
    setFinding(next);
    void keepFindingDraft(visit.id, next);
  };
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    setAsked(true);
    if (findingFaults(finding).length > 0) return document.querySelector<HTMLElement>("form [aria-invalid]")?.focus();
    await report(visit.id, normalFinding(finding));
    go(`#/visits/${visit.id}`, true);
  };
  const discard = async (): Promise<void> => {
    await dropFindingDraft(visit.id, finding.id);
    go(`#/visits/${visit.id}`, true);
  };
  if (!isEditable(work)) return <Back to={`#/visits/${visit.id}`} />;
  const stops = finding.severity === "stop_use";
  return (
    <>
      <Title below={visitName(visit)}>{t("finding.title")}</Title>
      <form class="card" noValidate onSubmit={(event) => void send(event)}>
        <HowBad chosen={finding.severity} onChange={(severity) => change({ severity })} />
        {stops && <Conditions choices={visit.stop_use_conditions} chosen={finding.stop_use_condition} fault={faultOf("stop_use_condition", "finding.condition_needed")} onChange={(stop_use_condition) => change({ stop_use_condition })} />}
        <Field id="finding-item" label={t("finding.item")}>
          {(given) => (
            <select {...given} value={finding.item} onChange={(event) => change({ item: event.currentTarget.value })}>
              <option value="">{t("part.no_item")}</option>
              {work.items.map((one) => <option key={one.code} value={one.code}>{itemName(one)}</option>)}
            </select>
          )}
        </Field>
        <Dictated id="finding-description" label={t("finding.description")} value={finding.description} rows={3} help={t("finding.description_help")} fault={faultOf("description", "finding.description_needed")} onText={(description) => change({ description })} />
        <Dictated id="finding-place" label={t("finding.place")} value={finding.place} rows={1} longest={LONGEST_PLACE} help={t("finding.place_help")} onText={(place) => change({ place })} />
        <Dictated id="finding-proposal" label={t("finding.proposal")} value={finding.proposal} rows={2} onText={(proposal) => change({ proposal })} />
        <Photos work={work} use="finding" item={finding.item} subject={finding.id} editable />
        <Preview work={work} finding={finding} day={day} />
        <button class={`button ${stops ? "stop" : "primary"}`} type="submit">{t(stops ? "finding.send_stop" : "finding.send")}</button>
        <button class="button danger" type="button" onClick={() => void discard()}>{t("finding.discard")}</button>
      </form>
      <Back to={`#/visits/${visit.id}`} />
    </>
  );
}

function HowBad({ chosen, onChange }: { readonly chosen: Severity; readonly onChange: (severity: Severity) => void }) {
  return (
    <fieldset class="bare">
      <legend>{t("finding.how_bad")}</legend>
      {SEVERITIES.map((severity) => (
        <label key={severity} class={`weight ${severity}`}>
          <input type="radio" name="severity" value={severity} checked={chosen === severity} onChange={() => onChange(severity)} />
          <span><strong>{t(`severity.${severity}`)}</strong><small>{t(`finding.${severity}_does`)}</small></span>
        </label>
      ))}
    </fieldset>
  );
}

interface ConditionsProps {
  readonly choices: readonly StopUseChoice[];
  readonly chosen: string;
  readonly fault: string | undefined;
  readonly onChange: (key: string) => void;
}

function Conditions({ choices, chosen, fault, onChange }: ConditionsProps) {
  if (choices.length === 0) return <Note kind="bad"><p>{t("finding.no_conditions")}</p></Note>;
  return (
    <fieldset class="bare">
      <legend>{t("finding.condition")}</legend>
      {choices.map((choice, at) => (
        <label key={choice.key} class="weight stop_use">
          <input type="radio" name="condition" value={choice.key} checked={chosen === choice.key} aria-invalid={fault !== undefined && at === 0 ? "true" : undefined} onChange={() => onChange(choice.key)} />
          <span><strong>{say(choice.zh, choice.en)}</strong><small>{choice.clause}</small></span>
        </label>
      ))}
      {fault && <p class="fault" role="alert">{fault}</p>}
    </fieldset>
  );
}

function Preview({ work, finding, day }: { readonly work: Work; readonly finding: FindingSaid; readonly day: TechnicianDay | null }) {
  const elevator = work.visit.stop?.elevator;
  if (elevator === undefined || findingFaults(finding).length > 0) return null;
  const letter = noticeText({
    finding: normalFinding(finding), elevator, day: todayIn(day?.time_zone ?? "UTC"), foundBy: day === null ? "" : `${day.technician.name} (${day.technician.badge})`,
    item: work.items.find((one) => one.code === finding.item) ?? null,
    condition: work.visit.stop_use_conditions.find((one) => one.key === finding.stop_use_condition) ?? null,
  });
  return (
    <details>
      <summary>{t("finding.preview")}</summary>
      <p class="muted">{t("finding.preview_help")}</p>
      <p class="letter" lang={language.value === "zh" ? "zh-CN" : "en"}>{say(letter.zh, letter.en)}</p>
    </details>
  );
}

