// The live picture of the camera with what reads it: light, choice of camera, and the way out where there is no picture.

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { cameras, closeCamera, light, openCamera, type Camera, type CameraProblem } from "./camera";
import { makeReader, type CodeReader, type Looked } from "./reader";

/** Between two looks: reading takes an old phone about as long, and more looks would only heat it. */
const PAUSE_MS = 120;
const HAS_PICTURE = 2;
/** Looks in a row that may fail: a camera that turns or wakes up gives no picture for a moment. */
const MOST_FAILURES = 5;

interface Props {
  readonly paused: boolean;
  /** What is looked for: a label's QR, or the serial of a part in any usual symbol. */
  readonly what?: Looked;
  readonly onRead: (text: string) => void;
  /** The camera is of no use: other ways are wanted. */
  readonly onTrouble?: () => void;
}

type Trouble = CameraProblem | "reader_failed";

export function Viewfinder({ paused, what = "label", onRead, onTrouble }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const [attempt, setAttempt] = useState({ count: 0, device: "" });
  const [camera, setCamera] = useState<Camera | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [choice, setChoice] = useState<readonly { readonly id: string; readonly label: string }[]>([]);

  useEffect(() => {
    let opened: Camera | null = null;
    let isGone = false;
    void openCamera(attempt.device).then(async (answer) => {
      if (answer.camera === null) return isGone ? undefined : setTrouble(answer.problem);
      if (isGone) return closeCamera(answer.camera);
      opened = answer.camera;
      // A call or another program takes the camera away: a picture that stands still would be looked at in vain.
      for (const track of opened.stream.getTracks()) track.onended = () => isGone || setTrouble("busy");
      setTrouble(null);
      setCamera(opened);
      if (video.current !== null) {
        video.current.srcObject = opened.stream;
        await video.current.play().catch(() => undefined); // a phone that saves power plays at the first touch
      }
      setChoice(await cameras().catch(() => []));
    });
    return () => {
      isGone = true;
      if (opened !== null) closeCamera(opened);
      setCamera(null);
    };
  }, [attempt]);

  useEffect(() => {
    if (trouble !== null) onTrouble?.();
  }, [trouble]);

  useReading(video, camera !== null && !paused, what, onRead, () => setTrouble("reader_failed"));

  if (trouble !== null) return <Way trouble={trouble} again={() => setAttempt({ count: attempt.count + 1, device: "" })} />;
  return (
    <div class="viewfinder">
      <video ref={video} muted playsInline aria-label={t("scan.aim")} />
      <span class="viewfinder-frame" aria-hidden="true" />
      {camera === null && <p class="viewfinder-note">{t("scan.starting")}</p>}
      <div class="viewfinder-bar">
        {camera?.canLight === true && <Torch camera={camera} />}
        {choice.length > 1 && (
          <select aria-label={t("scan.camera")} value={camera?.deviceId ?? ""} onChange={(event) => setAttempt({ count: attempt.count + 1, device: event.currentTarget.value })}>
            {choice.map((one, at) => <option key={one.id} value={one.id}>{one.label || t("scan.camera_n", { n: at + 1 })}</option>)}
          </select>
        )}
      </div>
    </div>
  );
}

/** Looks at the picture again and again while it is wanted. */
function useReading(video: { current: HTMLVideoElement | null }, wanted: boolean, what: Looked, onRead: (text: string) => void, onFailure: () => void): void {
  const told = useRef({ onRead, onFailure });
  told.current = { onRead, onFailure };
  useEffect(() => {
    if (!wanted) return undefined;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let reader: CodeReader | null = null;
    let failures = 0;
    const look = async (): Promise<void> => {
      const shown = video.current;
      if (shown !== null && reader !== null && shown.readyState >= HAS_PICTURE && !document.hidden) {
        const picture = await createImageBitmap(shown);
        const texts = await reader.read(picture).finally(() => picture.close());
        failures = 0;
        for (const text of texts) if (!isOver) told.current.onRead(text);
      }
      again();
    };
    const again = (): void => {
      if (!isOver) timer = setTimeout(() => void look().catch(failed), PAUSE_MS);
    };
    const failed = (): void => {
      failures += 1;
      if (failures < MOST_FAILURES) again();
      else if (!isOver) told.current.onFailure();
    };
    makeReader(what)
      .then((made) => {
        reader = made;
        return isOver ? made.close() : look();
      })
      .catch(failed);
    return () => {
      isOver = true;
      clearTimeout(timer);
      reader?.close();
    };
  }, [wanted, what]);
}

/** The lamp of the camera's phone: a shaft is dark. */
export function Torch({ camera }: { readonly camera: Camera }) {
  const [on, setOn] = useState(false);
  const [failed, setFailed] = useState(false);
  const turn = async (): Promise<void> => {
    const turned = await light(camera, !on);
    setFailed(!turned);
    if (turned) setOn(!on);
  };
  return (
    <>
      <button type="button" class="button" aria-pressed={on} onClick={() => void turn()}>{t(on ? "scan.torch_off" : "scan.torch_on")}</button>
      {failed && <span class="viewfinder-note" role="status">{t("scan.torch_failed")}</span>}
    </>
  );
}

function Way({ trouble, again }: { readonly trouble: Trouble; readonly again: () => void }) {
  return (
    <div class="card bad" role="alert">
      <h2>{t(`scan.${trouble}`)}</h2>
      <p>{t(`scan.${trouble}_way`)}</p>
      {trouble !== "insecure" && <button type="button" class="button" onClick={again}>{t("scan.again")}</button>}
    </div>
  );
}
