// Before the departure: what is missing, each with the way to its place.

import { n, t } from "../i18n";
import { latestDay } from "../store/day";
import { Back, Note, Title, useStored } from "../ui/parts";
import { itemName, visitName, zoneName } from "./names";
import { missing, type Missing } from "./rules";
import type { FindingSaid, Part } from "../store/types";
import { findingDraft, type Work } from "./work";

export function LeavePage({ work }: { readonly work: Work }) {
  const { visit, standing, items } = work;
  const minimum = useStored(async () => (await latestDay())?.view.minimum_technicians ?? 1, ["days"]) ?? 1;
  const found = missing(items, {
    answers: standing.answers, technicians: standing.second === null ? 1 : 2, minimumTechnicians: minimum,
    described: new Set(standing.findings.map((finding) => finding.item)), withPart: new Set(standing.parts.map((part) => part.item)),
  });
  const half = useStored(() => findingDraft(visit.id).then((draft) => draft ?? null), ["drafts", "entries"], [visit.id]) ?? null;
  const nameless = standing.parts.filter((part) => part.name.trim() === "");
  const needed = found.filter((one) => one.needed);
  const isWhole = needed.length === 0 && half === null && nameless.length === 0;
  const advised = found.filter((one) => !one.needed);
  return (
    <>
      <Title below={visitName(visit)}>{t("leave.title")}</Title>
      {(half !== null || nameless.length > 0) && <Half work={work} finding={half} parts={nameless} />}
      {needed.length > 0 && <List title={t("leave.missing")} kind="bad" lines={needed} work={work} />}
      {advised.length > 0 && <List title={t("leave.look")} kind="warn" lines={advised} work={work} />}
      {isWhole && items.length > 0 && <Note kind="ok" title={t("leave.whole")} />}
      {isWhole && (
        <section class="card">
          <p>{t("leave.scan_help")}</p>
          <a class="button primary" href={`#/scan?kind=departure&visit=${visit.id}`}>{t("leave.scan")}</a>
        </section>
      )}
      <Back to={`#/visits/${visit.id}`} label={t("checklist.to_visit")} />
    </>
  );
}

function List({ title, kind, lines, work }: { readonly title: string; readonly kind: "bad" | "warn"; readonly lines: readonly Missing[]; readonly work: Work }) {
  return (
    <Note kind={kind} title={title}>
      <ul class="list">
        {lines.map((line) => <li key={line.kind + line.item}><a class="button line" href={placeOf(line, work.visit.id)}><span>{nameOf(line, work)}</span><small>{textOf(line)}</small></a></li>)}
      </ul>
    </Note>
  );
}

/** What was begun and would not be in the record: the departure waits until it is finished or thrown away. */
function Half({ work, finding, parts }: { readonly work: Work; readonly finding: FindingSaid | null; readonly parts: readonly Part[] }) {
  const { id } = work.visit;
  return (
    <Note kind="bad" title={t("checklist.unfinished_all")}>
      <ul class="list">
        {finding !== null && <li><a class="button line" href={`#/visits/${id}/finding?item=${finding.item}`}><span>{finding.description || t("finding.title")}</span><small>{t("leave.half_finding")}</small></a></li>}
        {parts.map((part) => <li key={part.id}><a class="button line" href={`#/visits/${id}/part/${part.id}`}><span>{part.serial_fitted || part.serial_removed || t("part.title")}</span><small>{t("leave.half_part")}</small></a></li>)}
      </ul>
    </Note>
  );
}

function placeOf(line: Missing, visit: string): string {
  if (line.kind === "finding") return `#/visits/${visit}/finding?item=${line.item}`;
  if (line.kind === "part") return `#/visits/${visit}/part?item=${line.item}`;
  return line.kind === "second" ? `#/visits/${visit}` : `#/visits/${visit}/zones/${line.zone}?item=${line.item}`;
}

function nameOf(line: Missing, work: Work): string {
  if (line.kind === "items") return zoneName(line.zone);
  if (line.kind === "second") return t("leave.second");
  const item = work.items.find((one) => one.code === line.item);
  return item === undefined ? line.item : itemName(item);
}

function textOf(line: Missing): string {
  if (line.kind === "items") return n("leave.items", "leave.items_one", line.count);
  return line.kind === "second" ? t("leave.second_text") : t(`leave.${line.kind}`);
}
