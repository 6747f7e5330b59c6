/** Start of the app. */
import "./styles/app.css";
import { render } from "preact";
import { App } from "./app";
import { language, startLanguage, t } from "./i18n";
import { startLive } from "./inbox/live";
import { loadRescues } from "./rescue/fetching";
import { database, keepSingle } from "./store/db";
import { prune } from "./store/prune";
import { contrast } from "./store/settings";
import { startSync } from "./sync/loop";
import { startRouter } from "./ui/router";
import { startWorker } from "./ui/version";

async function start(root: HTMLElement): Promise<void> {
  document.documentElement.dataset["contrast"] = contrast();
  startLanguage();
  startRouter();
  try {
    await database();
    await loadRescues();
  } catch (error) {
    console.error(error);
    render(<main><p class="card bad" role="alert">{t("app.store")}</p></main>, root);
    return;
  }
  render(<App />, root);
  startSync();
  startLive();
  tellWorkerLanguage();
  void startWorker();
  void prune();
}

/** The service worker has no localStorage; what it shows is in the language chosen here. */
function tellWorkerLanguage(): void {
  const keep = () => void keepSingle("language", language.value);
  language.listeners.add(keep);
  keep();
}

const root = document.getElementById("app");
if (root) void start(root);
