/** Installing on the home screen, where the browser offers it to a page. */
import { t } from "../i18n";
import { changed, useWatched, watched } from "../ui/state";

interface InstallPrompt extends Event {
  prompt(): Promise<void>;
}

const offer = watched<InstallPrompt | null>(null);

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault(); // shown where the technician looks for it, not over the day
  changed(offer, event as InstallPrompt);
});
addEventListener("appinstalled", () => changed(offer, null));

export function InstallButton() {
  const prompt = useWatched(offer);
  if (!prompt) return null;
  return <button class="button" onClick={() => void prompt.prompt().then(() => changed(offer, null))}>{t("phone.install")}</button>;
}
