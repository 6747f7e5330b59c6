/** The call of a rescue over the whole screen: it rings until it is answered, silenced, or somebody else goes. */
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { go } from "../ui/router";
import { AnswerButton, Clock, Facts, Maps, useStanding } from "./parts";
import { allowSound, isHeard, startRinging } from "./sound";
import { rings } from "./standing";
import type { KeptRescue } from "./types";

const LOOK_MS = 1_000;
/** Put aside by whoever holds the phone: it does not cover the screen again, the strip at the top stays. */
const aside = new Set<string>();

export default function Call() {
  const standing = useStanding();
  const [, redraw] = useState(0);
  const technician = standing?.who?.technician ?? "";
  const kept = standing?.all.find((each) => !aside.has(ringOf(each, technician)) && rings(each, technician, standing.pending));
  if (!kept) return null;
  const put = () => {
    aside.add(ringOf(kept, technician));
    redraw((count) => count + 1);
  };
  return <Sheet key={ringOf(kept, technician)} kept={kept} technician={technician} putAside={put} />;
}

/** A rescue and the time it last rang: rung again, it covers the screen again. */
function ringOf(kept: KeptRescue, technician: string): string {
  return `${kept.id} ${kept.view.rings.filter((ring) => ring.technician === technician).at(-1)?.rung_at ?? ""}`;
}

function Sheet({ kept, technician, putAside }: { kept: KeptRescue; technician: string; putAside: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [silent, setSilent] = useState(false);
  const { summary } = kept.view;
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    const awake = keepAwake();
    return () => {
      awake();
      (before as HTMLElement | null)?.focus?.();
    };
  }, []);
  useEffect(() => (silent ? undefined : startRinging()), [silent]);
  const details = () => {
    putAside();
    go(`#/rescues/${kept.id}`);
  };
  return (
    <dialog ref={dialog} class="call" aria-labelledby="call-title" onCancel={(event) => { event.preventDefault(); putAside(); }}>
      <div class="call-sheet">
        <div class="call-facts" tabIndex={0}>
          <p class="call-eyebrow" role="alert">{t("rescue.call")}</p>
          <h2 id="call-title">{summary.site_name} {summary.unit_name}</h2>
          <Clock kept={kept} />
          <Facts kept={kept} technician={technician} />
          <Maps kept={kept} />
        </div>
        <div class="call-actions">
          <AnswerButton kept={kept} what="going" name="rescue.going" kind="primary" />
          <AnswerButton kept={kept} what="cannot" name="rescue.cannot" kind="danger" />
          <Sound silent={silent} silence={() => setSilent(true)} />
          <button type="button" class="button" onClick={details}>{t("rescue.later")}</button>
        </div>
      </div>
    </dialog>
  );
}

/** Silences; or asks for the tap that some browsers want before anything is heard. */
function Sound({ silent, silence }: { silent: boolean; silence: () => void }) {
  const [heard, setHeard] = useState(true);
  useEffect(() => {
    const timer = setInterval(() => setHeard(isHeard()), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  if (!silent && !heard) return <button type="button" class="button" onClick={() => void allowSound().then(setHeard)}>{t("rescue.sound")}</button>;
  return <button type="button" class="button" disabled={silent} onClick={silence}>{t("rescue.silence")}</button>;
}

/** Keeps the screen on while it rings, where the browser can. */
function keepAwake(): () => void {
  let lock: { release(): Promise<void> } | undefined;
  let over = false;
  void (navigator as { wakeLock?: { request(kind: "screen"): Promise<{ release(): Promise<void> }> } }).wakeLock?.request("screen").then((got) => {
    if (over) void got.release();
    else lock = got;
  }).catch(() => undefined);
  return () => {
    over = true;
    void lock?.release().catch(() => undefined);
  };
}
