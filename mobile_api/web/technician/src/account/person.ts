/** reCAPTCHA, which Firebase wants before it sends an SMS. Google's emulator does not ask, so this runs in production only. */
import type { PhoneNumberWay } from "./offered";

interface Recaptcha {
  ready(run: () => void): void;
  render(box: HTMLElement, options: Record<string, unknown>): number;
  execute(widget: number): void;
}

const LONGEST_MS = 60_000;

/** The answer to send along; null where Google was not reached or nobody answered. */
export async function askForPerson(way: PhoneNumberWay, box: HTMLElement): Promise<{ recaptchaToken: string } | null> {
  try {
    const asked = await fetch(`${way.url}/v1/recaptchaParams?key=${encodeURIComponent(way.api_key)}`, { credentials: "omit" });
    const { recaptchaSiteKey } = (await asked.json()) as { recaptchaSiteKey: string };
    const recaptcha = await load();
    const inner = box.appendChild(document.createElement("div")); // each box is drawn into once
    return await new Promise((resolve) => {
      setTimeout(() => resolve(null), LONGEST_MS);
      const widget = recaptcha.render(inner, {
        sitekey: recaptchaSiteKey, size: "invisible", callback: (recaptchaToken: string) => resolve({ recaptchaToken }), "error-callback": () => resolve(null),
      });
      recaptcha.execute(widget);
    });
  } catch {
    return null;
  }
}

let loading: Promise<Recaptcha> | null = null;

/** Google's script, from the address that is reached from mainland China as well where the usual one is not. */
function load(): Promise<Recaptcha> {
  loading ??= fetched("https://www.google.com").catch(() => fetched("https://www.recaptcha.net"));
  loading.catch(() => (loading = null));
  return loading;
}

function fetched(host: string): Promise<Recaptcha> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${host}/recaptcha/api.js?render=explicit`;
    script.onerror = () => reject(new Error(host));
    script.onload = () => {
      const { grecaptcha } = globalThis as unknown as { grecaptcha: Recaptcha };
      grecaptcha.ready(() => resolve(grecaptcha));
    };
    document.head.append(script);
  });
}
