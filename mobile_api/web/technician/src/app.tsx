/** Which page is shown. */
import { Component, type ComponentChildren, type ComponentType } from "preact";
import { Enrol } from "./account/enrol";
import { PhonePage } from "./account/phone_page";
import { SignIn } from "./account/sign_in";
import { StopPage } from "./day/stop_page";
import { SwapsPage } from "./day/swap_page";
import { Today } from "./day/today";
import { language, t } from "./i18n";
import { RescueWatch } from "./rescue/Watch";
import { session } from "./store/session";
import { Unsent } from "./sync/unsent_page";
import { Tabs, Top } from "./ui/bars";
import { lazy } from "./ui/lazy";
import { Note, useStored } from "./ui/parts";
import { BETWEEN, place } from "./ui/router";
import { useWatched } from "./ui/state";
import { NewVersion } from "./ui/version";

/** First part of the place → page. */
const PAGES: Record<string, ComponentType> = {
  "": Today,
  day: Today,
  stops: StopPage,
  swaps: SwapsPage,
  unsent: Unsent,
  phone: PhonePage,
  enrol: Enrol,
  "sign-in": SignIn,
  scan: lazy(() => import("./scan")),
  inbox: lazy(() => import("./inbox")),
  rescues: lazy(() => import("./rescue")),
  visits: lazy(() => import("./checklist")),
};

/** Pages that work before anybody has signed in. */
const OPEN = new Set(["sign-in", "phone", "unsent"]);

export function App() {
  useWatched(language);
  const here = useWatched(place);
  const name = here.parts[0] ?? "";
  const known = useStored(async () => ({ who: await session() }), ["session"]);
  if (known === undefined) return <p class="hidden" role="status">{t("app.loading")}</p>;
  const { who } = known;
  const Page = who || OPEN.has(name) ? (PAGES[name] ?? Today) : SignIn;
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); document.querySelector<HTMLElement>("main h1")?.focus(); }}>{t("app.skip")}</a>
      <Top />
      {who && <RescueWatch />}
      <div class="between" id={BETWEEN}>
        <main id="main">
          <NewVersion />
          <Guard key={here.parts.join("/")}><Page /></Guard>
        </main>
      </div>
      {who && <Tabs />}
    </>
  );
}

/** A page that fails says so, and leaves the rest of the app alone. */
class Guard extends Component<{ children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false };

  static override getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidCatch(error: unknown) {
    console.error(error);
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Note kind="bad" alert title={t("app.broken")}>
        <button class="button" onClick={() => location.reload()}>{t("app.broken.again")}</button>
      </Note>
    );
  }
}
