// Photos of an item, a finding or a part: taken in the app, made small, named by their hash, kept on the phone at once.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { n, t } from "../i18n";
import { closeCamera, openCamera, type Camera, type CameraProblem } from "../scan/camera";
import { Torch } from "../scan/Viewfinder";
import "../scan/scan.css";
import { dropPhoto, keepPhoto, StorageFull } from "../store/photos";
import type { Photo, PhotoDeclared } from "../store/types";
import { keptImage } from "./image";
import { sign, type Work } from "./work";

interface Props {
  readonly work: Work;
  readonly use: PhotoDeclared["use"];
  readonly item: string;
  /** The finding or part that it belongs to; empty for an item's. */
  readonly subject: string;
  readonly editable: boolean;
  readonly label?: string;
  readonly onTaken?: (id: string) => void;
}

export function Photos({ work, use, item, subject, editable, label, onTaken }: Props) {
  const [open, setOpen] = useState(false);
  const mine = work.photos.filter(({ declared }) => declared.use === use && declared.subject === subject && (use !== "item" || declared.item === item));
  const keep = async (picture: ImageBitmap, source: PhotoDeclared["source"]): Promise<void> => {
    const image = await keptImage(picture).finally(() => picture.close());
    const declared: PhotoDeclared = {
      id: crypto.randomUUID(), sha256: image.sha256, bytes: image.blob.size, width_px: image.width_px, height_px: image.height_px,
      item, use, subject, taken_at_ms: Date.now(), source,
    };
    await keepPhoto(work.visit.id, declared, image.blob);
    onTaken?.(declared.id);
  };
  return (
    <div class="photos">
      {mine.length > 0 && (
        <ul class="thumbs" aria-label={n("photo.taken", "photo.taken_one", mine.length)}>
          {mine.map((photo, at) => <Thumb key={photo.id} photo={photo} number={at + 1} editable={editable} />)}
        </ul>
      )}
      {editable && <button type="button" class="button" onClick={() => setOpen(true)}>{label ?? t("photo.take")}{mine.length > 0 ? ` (${mine.length})` : ""}</button>}
      {open && <Shutter onPicture={keep} onClose={() => { setOpen(false); if (use === "item") void sign(work.visit.id); }} />}
    </div>
  );
}

function Thumb({ photo, number, editable }: { readonly photo: Photo; readonly number: number; readonly editable: boolean }) {
  const address = useMemo(() => URL.createObjectURL(photo.blob), [photo.id]);
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  return (
    <li>
      <img src={address} alt={t("photo.shown", { n: number })} width={photo.declared.width_px} height={photo.declared.height_px} />
      {editable && photo.state === "draft" && <button type="button" class="round" aria-label={t("photo.drop", { n: number })} onClick={() => void dropPhoto(photo.id)}>×</button>}
    </li>
  );
}

interface ShutterProps {
  readonly onPicture: (picture: ImageBitmap, source: PhotoDeclared["source"]) => Promise<void>;
  readonly onClose: () => void;
}

/** The camera over the whole screen; several photos can be taken in a row. */
function Shutter({ onPicture, onClose }: ShutterProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const [isLive, setLive] = useState(false);
  const [camera, setCamera] = useState<Camera | null>(null);
  const [problem, setProblem] = useState<CameraProblem | null>(null);
  const [told, setTold] = useState("");
  useEffect(() => {
    let opened: Camera | null = null;
    let isGone = false;
    dialog.current?.showModal();
    void openCamera("", true).then(async (answer) => {
      if (answer.camera === null) return isGone ? undefined : setProblem(answer.problem);
      if (isGone) return closeCamera(answer.camera);
      opened = answer.camera;
      setCamera(opened);
      if (video.current !== null) {
        video.current.srcObject = opened.stream;
        await video.current.play().catch(() => undefined);
      }
    });
    return () => {
      isGone = true;
      if (opened !== null) closeCamera(opened);
    };
  }, []);
  const keep = async (picture: Promise<ImageBitmap>, source: PhotoDeclared["source"]): Promise<void> => {
    setTold("");
    try {
      await onPicture(await picture, source);
      setTold(t("photo.saved"));
    } catch (error) {
      setTold(t(error instanceof StorageFull ? "photo.full" : "photo.failed"));
    }
  };
  return (
    <dialog ref={dialog} class="shutter" aria-label={t("photo.title")} onClose={onClose}>
      <video ref={video} muted playsInline aria-label={t("photo.title")} onPlaying={() => setLive(true)} />
      <div>
        {problem !== null && <p><b>{t(`scan.${problem}`)}</b></p>}
        {camera?.canLight === true && <Torch camera={camera} />}
        <p role="status">{told}</p>
      </div>
      <div class="row">
        {problem !== null && (
          <label class="button grow">
            {t("photo.file")}
            <input class="hidden" type="file" accept="image/*" onChange={(event) => { const file = event.currentTarget.files?.[0]; if (file) void keep(createImageBitmap(file), "gallery"); }} />
          </label>
        )}
        {problem === null && <button type="button" class="button primary grow" disabled={!isLive} onClick={() => { if (video.current !== null) void keep(createImageBitmap(video.current), "camera"); }}>{t("photo.shoot")}</button>}
        <button type="button" class="button grow" onClick={() => dialog.current?.close()}>{t("photo.close")}</button>
      </div>
    </dialog>
  );
}
