// What the owner will read for a finding, shown before it is sent: the words of backend/notices/wording.py. The number, and what
// the register knows of the owner and the firm, are added by the server.

import type { ChecklistItem, DayElevator, FindingSaid, Severity, StopUseChoice } from "../store/types";

export interface NoticeFacts {
  readonly finding: FindingSaid;
  readonly item: ChecklistItem | null;
  readonly condition: StopUseChoice | null;
  readonly elevator: DayElevator;
  /** Local day of the finding, such as `2026-11-26`. */
  readonly day: string;
  /** Name and badge, such as `Li Wei (T-204)`. */
  readonly foundBy: string;
}

export interface Letter {
  readonly zh: string;
  readonly en: string;
}

/** What people call the access zones; both languages, because it goes into the notice as it is. */
const ZONES: Readonly<Record<string, string>> = {
  MR: "机房 Machine room",
  CT: "轿顶 Car top",
  CAR: "轿厢 Car",
  LD: "层站 Landing",
  SH: "井道 Shaft",
  PIT: "底坑 Pit",
  UP: "上部机房 Upper station",
  LOW: "下部机房 Lower station",
  STEP: "梯级 Steps",
  ENTRY: "出入口 Entrances",
};
const SEVERITY: Readonly<Record<Severity, Letter>> = {
  general: { zh: "一般隐患", en: "hazard" },
  serious: { zh: "严重隐患", en: "serious hazard" },
  stop_use: { zh: "重大事故隐患（停止使用）", en: "major-accident hazard (stop use)" },
};
const GENERIC: Readonly<Record<Severity, Letter>> = {
  general: { zh: "设备隐患", en: "Hazard" },
  serious: { zh: "严重设备隐患", en: "Serious hazard" },
  stop_use: { zh: "", en: "" },
};
const ASK: Readonly<Record<Severity, Letter>> = {
  general: {
    zh: "请安排整改，并将结果告知我单位。整改前请加强日常检查。",
    en: "Please have it put right and tell us the result. Until then, please watch it more closely.",
  },
  serious: {
    zh: "请立即安排修理或整改。该隐患将同时报告当地特种设备安全监督管理部门。整改前请限制使用并加强现场看护。",
    en:
      "Please have it repaired or put right at once. It is also reported to the local special equipment" +
      " authority. Until then, please limit the use of the elevator and keep watch.",
  },
  stop_use: {
    zh:
      "该电梯必须立即停止使用，在隐患消除并经确认之前不得恢复运行。请在各层门设置停用告示。" +
      "该隐患将同时报告当地特种设备安全监督管理部门。",
    en:
      "This elevator must not be used from now on, until the hazard is gone and that has been confirmed." +
      " Please put up a notice at every landing door. It is also reported to the local special equipment authority.",
  },
};

/** The hazard in a line: never what somebody typed, because the public page shows it. */
export function titleOf(facts: NoticeFacts): Letter {
  if (facts.condition !== null) return facts.condition;
  if (facts.item !== null) return { zh: facts.item.name_zh, en: facts.item.name_en };
  return GENERIC[facts.finding.severity];
}

/** Where in the elevator: as typed, else the zone of the item. */
export function placeOf(facts: NoticeFacts): string {
  return facts.finding.place.trim() || (facts.item === null ? "" : (ZONES[facts.item.zone] ?? facts.item.zone));
}

/** The notice's body in both languages, without the lines that only the server can write (number, addressee, firm). */
export function noticeText(facts: NoticeFacts): Letter {
  const { finding, elevator } = facts;
  const title = titleOf(facts);
  const where = [elevator.site_name, elevator.address, elevator.unit_name].filter((part) => part !== "").join(" ");
  const said = { description: finding.description.trim(), place: placeOf(facts), proposal: finding.proposal.trim() };
  const clause = facts.condition?.clause ?? "";
  const day = facts.day.split("-").map(Number);
  const day_zh = `${day[0]}年${day[1]}月${day[2]}日`;
  const zh = [
    `我单位于${day_zh}维护保养时，发现贵单位以下电梯存在${SEVERITY[finding.severity].zh}。`,
    `电梯：${where}，设备代码 ${elevator.registration_code}`,
    `隐患：${title.zh}`,
    ...line("情况：", said.description),
    ...line("部位：", said.place),
    ...line("处理建议：", said.proposal),
    ASK[finding.severity].zh,
    `依据：TSG T5002-2017 第五条、第六条${clause === "" ? "" : `；${clause}`}`,
    `检查人员：${facts.foundBy}  ${day_zh}`,
  ];
  const en = [
    `During maintenance on ${facts.day} we found a ${SEVERITY[finding.severity].en} in this elevator of yours.`,
    `Elevator: ${where}, registration code ${elevator.registration_code}`,
    `Hazard: ${title.en}`,
    ...line("What was seen: ", said.description),
    ...line("Where: ", said.place),
    ...line("What we propose: ", said.proposal),
    ASK[finding.severity].en,
    `Basis: TSG T5002-2017 Art. 5 and 6${clause === "" ? "" : `; ${clause}`}`,
    `Found by ${facts.foundBy}, ${facts.day}`,
  ];
  return { zh: zh.join("\n"), en: en.join("\n") };
}

function line(name: string, text: string): string[] {
  return text === "" ? [] : [name + text];
}
