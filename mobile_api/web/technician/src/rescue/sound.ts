/** The ringing of a rescue: made by the browser (WebAudio), no file to load; and the vibration. */

const PERIOD_MS = 2_000;
/** A rung of the ladder lasts a minute or two; after this nobody is near the phone. */
const LONGEST_MS = 180_000;
/** Hz: two tones a fourth apart carry through a machine room better than one. */
const TONES = [784, 1047, 784, 1047] as const;
const TONE_S = 0.22;
const VIBRATION_MS = [400, 200, 400];

let context: AudioContext | undefined;

/** Whether the browser lets us be heard: some want a tap first. */
export function isHeard(): boolean {
  return context?.state === "running";
}

/** Lets the ringing be heard from now on; call it from a tap. */
export async function allowSound(): Promise<boolean> {
  context ??= typeof AudioContext === "undefined" ? undefined : new AudioContext();
  await context?.resume().catch(() => undefined);
  return isHeard();
}

/** Rings until the returned function is called. */
export function startRinging(): () => void {
  void allowSound();
  const once = () => {
    if (context?.state === "running") sound(context);
    navigator.vibrate?.(VIBRATION_MS);
  };
  const unlock = () => void allowSound();
  document.addEventListener("pointerdown", unlock);
  once();
  const timer = setInterval(once, PERIOD_MS);
  const last = setTimeout(() => clearInterval(timer), LONGEST_MS);
  return () => {
    clearInterval(timer);
    clearTimeout(last);
    document.removeEventListener("pointerdown", unlock);
    navigator.vibrate?.(0);
    void context?.suspend(); // an open audio device keeps a phone from sleeping
  };
}

function sound(audio: AudioContext): void {
  TONES.forEach((hertz, at) => {
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    const start_s = audio.currentTime + at * TONE_S;
    tone.type = "square";
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.0001, start_s);
    volume.gain.exponentialRampToValueAtTime(0.4, start_s + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start_s + TONE_S);
    tone.connect(volume).connect(audio.destination);
    tone.start(start_s);
    tone.stop(start_s + TONE_S);
  });
}
