// A scan that was read is felt and heard: whoever holds the phone into a dark car does not look at its screen.

const BUZZ_MS = 120;
const BEEP_MS = 110;
const BEEP_HZ = 880;
const LOUDNESS = 0.2;

/** Vibrates and beeps where the phone can; both are only a comfort and never fail. */
export function tellRead(): void {
  try {
    (navigator as { vibrate?: (ms: number) => boolean }).vibrate?.(BUZZ_MS);
    beep();
  } catch {
    // a phone that stays silent has scanned all the same
  }
}

function beep(): void {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = BEEP_HZ;
  volume.gain.value = LOUDNESS;
  tone.connect(volume).connect(audio.destination);
  tone.onended = () => void audio.close();
  tone.start();
  tone.stop(audio.currentTime + BEEP_MS / 1000);
}
