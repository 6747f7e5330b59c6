/** Start of the app. */
import "./styles/app.css";
import { render } from "preact";
import { App } from "./app";
import { startLanguage, t } from "./i18n";
import { database } from "./store/db";
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
  } catch (error) {
    console.error(error);
    render(<main><p class="card bad" role="alert">{t("app.store")}</p></main>, root);
    return;
  }
  render(<App />, root);
  startSync();
  void startWorker();
  void prune();
}

const root = document.getElementById("app");
if (root) void start(root);
