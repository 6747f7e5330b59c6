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
  const [listening, setListening] = useState<Listening>("still");
  const change = (next: string): void => {
    setText(next);
    onText(next);
  };
  const described = [help && `${id}-help`, fault && `${id}-fault`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <div class="label-row">
        <label for={id}>{label}</label>
        <Microphone onHeard={(heard) => change(text.trim() === "" ? heard : `${text.trimEnd()} ${heard}`)} onState={setListening} />
      </div>
      <textarea id={id} rows={rows} maxLength={longest} value={text} aria-invalid={fault ? "true" : undefined} aria-describedby={described || undefined} onInput={(event) => change(event.currentTarget.value)} />
      {help && <small id={`${id}-help`}>{help}</small>}
      {fault && <p id={`${id}-fault`} class="fault">{fault}</p>}
      {listening !== "still" && <p class="muted" role="status">{t(listening === "listening" ? "dictate.listening" : "dictate.failed")}</p>}
    </div>
  );
}

type Listening = "still" | "listening" | "failed";

function Microphone({ onHeard, onState }: { readonly onHeard: (heard: string) => void; readonly onState: (state: Listening) => void }) {
  const [state, set] = useState<Listening>("still");
  const setState = (next: Listening): void => {
    set(next);
    onState(next);
  };
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
    let failed = false;
    recognition.onerror = () => {
      failed = true;
    };
    recognition.onend = () => {
      running.current = null;
      setState(failed ? "failed" : "still");
    };
    running.current = recognition;
    setState("listening");
    recognition.start();
  };
  return (
    <button type="button" class="button" aria-pressed={state === "listening"} onClick={listen}>{t(state === "listening" ? "dictate.stop" : "dictate.start")}</button>
  );
}
