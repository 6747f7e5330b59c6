/** The service worker: keeps the app on the phone, and says when there is a new version. */
import { t } from "../i18n";
import { Note } from "./parts";
import { changed, useWatched, watched } from "./state";

const waiting = watched<ServiceWorker | null>(null);

/** Registers the service worker and watches for a newer one. */
export async function startWorker(): Promise<void> {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  const controlled = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.addEventListener("controllerchange", () => controlled && location.reload());
  const registration = await navigator.serviceWorker.register("/t/sw.js", { scope: "/t/" }).catch(() => undefined);
  if (!registration) return; // served without HTTPS, or refused: the app works, but not without a connection
  const look = () => changed(waiting, navigator.serviceWorker.controller ? registration.waiting : null);
  look();
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", look));
}

/** Nothing is lost by loading anew, but a half-typed text would be: so the technician says when. */
export function NewVersion() {
  const worker = useWatched(waiting);
  if (!worker) return null;
  return (
    <Note kind="info">
      <div class="row">
        <p class="grow">{t("app.new")}</p>
        <button class="button" onClick={() => worker.postMessage("take over")}>{t("app.new.load")}</button>
      </div>
    </Note>
  );
}
