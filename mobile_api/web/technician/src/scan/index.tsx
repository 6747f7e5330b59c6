// The scanner's page: `#/scan?kind=arrival&order=…`, `#/scan?kind=departure&visit=…`, `#/scan?kind=zone&visit=…`, and for the second
// technician's own phone `#/scan?kind=join` and `kind=leave`.

import { useEffect, useRef, useState } from "preact/hooks";
import "./scan.css";
import { t } from "../i18n";
import type { ScanSource } from "../store/types";
import { inviteOf } from "../account/enrolling";
import { answer } from "../rescue/answers";
import { Back, Note, Title } from "../ui/parts";
import { go, place } from "../ui/router";
import { useWatched } from "../ui/state";
import { parseCode, type LabelCode } from "./code";
import { isJoined } from "./joined";
import { faultText, OtherWays } from "./OtherWays";
import { Outcome } from "./Outcome";
import { askPosition, type Position } from "./position";
import { purposeOf, type Wanted } from "./purpose";
import { tellRead } from "./told";
import { Viewfinder } from "./Viewfinder";

/** A label that was read, before it is known what it means. */
export interface Read {
  readonly text: string;
  readonly code: LabelCode;
  readonly source: ScanSource;
  readonly position: Position;
}

/** A fix that was asked for when the scanner opened serves the scan for as long: nobody has left the car by then. */
const FRESH_MS = 15_000;

export default function ScanPage() {
  const { query } = useWatched(place);
  const wanted = purposeOf(query);
  const [read, setRead] = useState<Read | null>(null);
  const [told, setTold] = useState("");
  const [blind, setBlind] = useState(false);
  const position = usePosition();

  const take = async (text: string, source: ScanSource): Promise<void> => {
    if (wanted.kind === "invite") return takeInvite(text, setTold);
    const { code, fault } = parseCode(text);
    if (fault !== null) return setTold(faultText(fault));
    tellRead();
    setTold("");
    if (wanted.kind === "rescue") {
      await answer(wanted.visit, "arrived", text.trim());
      return go(`#/rescues/${wanted.visit}`, true);
    }
    const found = await position.now();
    setRead({ text: text.trim(), code, source, position: found });
  };

  useEffect(() => setRead(null), [query.toString()]);
  useEffect(() => {
    // The second technician's way out is not taken for an arrival of their own at the same elevator.
    if (query.toString() === "") void isJoined().then((joined) => joined && go("#/scan?kind=leave", true));
  }, [query.toString()]);
  const isBusy = read !== null || position.isAsked;
  return (
    <>
      <Title>{t(`scan.${wanted.kind}`)}</Title>
      {read === null && <SecondChoice wanted={wanted} />}
      {read === null && <Viewfinder paused={isBusy} onRead={(text) => isBusy || void take(text, "camera")} onTrouble={() => setBlind(true)} />}
      {position.isAsked && <Waiting skip={position.skip} />}
      {told !== "" && read === null && <Note kind="warn" alert><p>{told}</p></Note>}
      {read === null && !position.isAsked && <p class="muted">{t(aimOf(wanted))}</p>}
      {read === null && !position.isAsked && wanted.kind !== "invite" && <OtherWays open={blind} onRead={(text, source) => void take(text, source)} />}
      {read !== null && <Outcome read={read} wanted={wanted} again={() => setRead(null)} />}
      <Back label={t("scan.back")} to={backTo(wanted)} />
    </>
  );
}

function backTo({ kind, visit }: Wanted): string {
  if (kind === "invite") return "#/enrol";
  if (kind === "rescue") return `#/rescues/${visit}`;
  return visit === "" ? "#/" : `#/visits/${visit}`;
}

/** The manager's code for enrolling this phone. */
function takeInvite(text: string, tell: (told: string) => void): void {
  const invite = inviteOf(text);
  if (invite === null) return tell(t("scan.no_invite"));
  tellRead();
  go(`#/enrol?invite=${invite}`, true);
}

function aimOf(wanted: Wanted): "scan.aim" | "scan.aim_departure" | "scan.aim_zone" | "scan.aim_invite" | "scan.aim_rescue" {
  if (wanted.kind === "rescue") return "scan.aim_rescue";
  if (wanted.kind === "invite") return "scan.aim_invite";
  if (wanted.kind === "departure") return "scan.aim_departure";
  return wanted.kind === "zone" ? "scan.aim_zone" : "scan.aim";
}

/** At a scan without a visit of one's own: whether one opens the visit, or joins or leaves that of a colleague. */
function SecondChoice({ wanted }: { readonly wanted: Wanted }) {
  if (wanted.kind === "departure" || wanted.kind === "zone" || wanted.kind === "invite" || wanted.kind === "rescue") return null;
  const order = wanted.workOrder === null ? "" : `&order=${wanted.workOrder}`;
  return (
    <nav class="choice" aria-label={t("scan.role")}>
      {(["arrival", "join", "leave"] as const).map((kind) => (
        <a key={kind} class="button" href={`#/scan?kind=${kind}${order}`} aria-current={wanted.kind === kind ? "page" : undefined}>{t(`scan.role.${kind}`)}</a>
      ))}
    </nav>
  );
}

function Waiting({ skip }: { readonly skip: () => void }) {
  return (
    <Note kind="info" title={t("scan.position")}>
      <p role="status">{t("scan.position_why")}</p>
      <button type="button" class="button" onClick={skip}>{t("scan.position_skip")}</button>
    </Note>
  );
}

interface Positions {
  readonly isAsked: boolean;
  /** The position of a scan made now. */
  now(): Promise<Position>;
  skip(): void;
}

/** Asks when the scanner opens, so that the answer is often there when the code is read. */
function usePosition(): Positions {
  const [isAsked, setAsked] = useState(false);
  const early = useRef<{ at: number; answer: Promise<Position> } | null>(null);
  const skipped = useRef<() => void>(() => undefined);
  useEffect(() => {
    early.current = { at: Date.now(), answer: askPosition(navigator.geolocation) };
  }, []);
  const now = async (): Promise<Position> => {
    setAsked(true);
    const known = early.current;
    const first = known !== null && Date.now() - known.at < FRESH_MS ? await Promise.race([known.answer, untilSkipped(skipped)]) : null;
    const found = first?.state === "given" || first?.state === "denied" ? first : await Promise.race([askPosition(navigator.geolocation), untilSkipped(skipped)]);
    setAsked(false);
    return found;
  };
  return { isAsked, now, skip: () => skipped.current() };
}

function untilSkipped(skipped: { current: () => void }): Promise<Position> {
  return new Promise((resolve) => {
    skipped.current = () => resolve({ state: "timeout", fix: null });
  });
}
