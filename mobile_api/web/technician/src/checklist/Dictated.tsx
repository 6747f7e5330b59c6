// A text that can be spoken, where the browser can listen. What is typed or heard is handed on at once.

import { useEffect, useRef, useState } from "preact/hooks";
import { language, t } from "../i18n";
import { LONGEST_TEXT } from "./rules";

interface Recognition {
  lang: string;
  interimResults: boolean;
  onresult: ((event: { readonly results: ArrayLike<ArrayLike<{ readonly transcript: string }>> }) => void) | null;
  onerror: (() => void) | null;
  onend: (() => void) | null;
  start(): void;
  stop(): void;
}

type RecognitionClass = new () => Recognition;

interface Props {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly rows: number;
  readonly longest?: number;
  readonly help?: string | undefined;
  readonly fault?: string | undefined;
  readonly onText: (text: string) => void;
}

export function Dictated({ id, label, value, rows, longest = LONGEST_TEXT, help, fault, onText }: Props) {
  const [text, setText] = useState(value);
  const change = (next: string): void => {
    setText(next);
    onText(next);
  };
  const described = [help && `${id}-help`, fault && `${id}-fault`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea id={id} rows={rows} maxLength={longest} value={text} aria-invalid={fault ? "true" : undefined} aria-describedby={described || undefined} onInput={(event) => change(event.currentTarget.value)} />
      {help && <small id={`${id}-help`}>{help}</small>}
      {fault && <p id={`${id}-fault`} class="fault">{fault}</p>}
      <Microphone onHeard={(heard) => change(text.trim() === "" ? heard : `${text.trimEnd()} ${heard}`)} />
    </div>
  );
}

function Microphone({ onHeard }: { readonly onHeard: (heard: string) => void }) {
  const [state, setState] = useState<"still" | "listening" | "failed">("still");
  const running = useRef<Recognition | null>(null);
  useEffect(() => () => running.current?.stop(), []);
  const known = globalThis as { SpeechRecognition?: RecognitionClass; webkitSpeechRecognition?: RecognitionClass };
  const recognitionClass = known.SpeechRecognition ?? known.webkitSpeechRecognition;
  if (recognitionClass === undefined) return null;
  const listen = (): void => {
    if (running.current !== null) return running.current.stop();
    const recognition = new recognitionClass();
    recognition.lang = language.value === "zh" ? "zh-CN" : "en-US";
    recognition.interimResults = false;
    recognition.onresult = (event) => onHeard(Array.from(event.results, (result) => result[0]?.transcript ?? "").join(" ").trim());
    recognition.onerror = () => setState("failed");
    recognition.onend = () => {
      running.current = null;
      setState((before) => (before === "listening" ? "still" : before));
    };
    running.current = recognition;
    setState("listening");
    recognition.start();
  };
  return (
    <>
      <button type="button" class="button" aria-pressed={state === "listening"} onClick={listen}>{t(state === "listening" ? "dictate.stop" : "dictate.start")}</button>
      <p class="muted" role="status">{state === "listening" ? t("dictate.listening") : state === "failed" ? t("dictate.failed") : ""}</p>
    </>
  );
}
