// Other ways for a code into the phone: typed by hand, with its check character checked at once, and a picture from the gallery.

import { useState } from "preact/hooks";
import { n, t } from "../i18n";
import type { ScanSource } from "../store/types";
import { grouped, parseCode, type CodeFault } from "./code";
import { makeReader } from "./reader";

/** With its check character, as it stands below the label. */
const TYPED_CHARACTERS = 15;

interface Props {
  readonly onRead: (text: string, source: ScanSource) => void;
  readonly open: boolean;
}

export function OtherWays({ onRead, open }: Props) {
  return (
    <details class="card" open={open}>
      <summary>{t("scan.other_way")}</summary>
      <TypedCode onRead={onRead} />
      <Gallery onRead={onRead} />
    </details>
  );
}

export function faultText(fault: CodeFault): string {
  return t(`scan.fault.${fault.reason}`, { ...fault });
}

function TypedCode({ onRead }: Pick<Props, "onRead">) {
  const [typed, setTyped] = useState("");
  const [asked, setAsked] = useState(false);
  const isLink = typed.includes("/");
  const length = isLink ? TYPED_CHARACTERS : Array.from(typed.replaceAll("-", "")).length;
  const parsed = parseCode(typed);
  const fault: CodeFault | null = parsed.fault ?? (length < TYPED_CHARACTERS ? { reason: "wrong_length", length } : null);
  const isShort = length < TYPED_CHARACTERS && (fault === null || fault.reason === "wrong_length" || fault.reason === "empty");
  const change = (text: string): void => {
    setAsked(false); // who types on is not told again what is missing, only how much
    setTyped(text.includes("/") ? text : grouped(text));
  };
  const use = (event: Event): void => {
    event.preventDefault();
    setAsked(true);
    if (fault === null) onRead(typed, "typed");
  };
  return (
    <form class="field" onSubmit={use}>
      <label for="typed-code">{t("scan.type")}</label>
      <input
        id="typed-code" class="code-input" value={typed} autocomplete="off" autocapitalize="characters" spellcheck={false} enterkeyhint="go" aria-describedby="typed-help typed-told"
        onInput={(event) => change(event.currentTarget.value)}
      />
      <p id="typed-help" class="muted">{t("scan.type_help")}</p>
      <p id="typed-told" class={fault === null ? "good" : isShort && !asked ? "muted" : "fault"} role="status">
        {typed === "" ? "" : fault === null ? t("scan.type_good") : isShort && !asked ? n("scan.type_left", "scan.type_left_one", TYPED_CHARACTERS - length) : faultText(fault)}
      </p>
      <button class="button" type="submit">{t("scan.use_code")}</button>
    </form>
  );
}

function Gallery({ onRead }: Pick<Props, "onRead">) {
  const [told, setTold] = useState("");
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    const reader = await makeReader();
    try {
      const picture = await createImageBitmap(file);
      const texts = await reader.read(picture).finally(() => picture.close());
      const code = texts.find((text) => parseCode(text).code !== null) ?? texts[0];
      setTold(code === undefined ? t("scan.gallery_nothing") : "");
      if (code !== undefined) onRead(code, "gallery");
    } catch {
      setTold(t("scan.gallery_nothing"));
    } finally {
      reader.close();
    }
  };
  return (
    <div class="field">
      <label for="gallery">{t("scan.gallery")}</label>
      <input id="gallery" type="file" accept="image/*" aria-describedby="gallery-help" onChange={(event) => void take(event.currentTarget.files?.[0])} />
      <p id="gallery-help" class="muted">{t("scan.gallery_help")}</p>
      <p class="fault" role="status">{told}</p>
    </div>
  );
}
