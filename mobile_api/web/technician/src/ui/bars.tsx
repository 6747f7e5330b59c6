/** The frame: what is unsent at the top, the main pages at the bottom. */
import { n, t } from "../i18n";
import { unread } from "../inbox/store";
import { pendingAnswers } from "../rescue/answers";
import { status } from "../sync/loop";
import { place } from "./router";
import { useStored } from "./parts";
import { useWatched } from "./state";
import { useOnline } from "./online";

function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect x="4" y="2" width="24" height="28" rx="5" fill="var(--accent)" />
      <path d="M16 7v18M10 13.5l3-3.5 3 3.5M16.5 18.5l3 3.5 3-3.5" fill="none" stroke="var(--on-accent)" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}

export function Top() {
  return (
    <header class="top">
      <a class="name" href="#/"><Mark /><span>{t("app.name")}</span></a>
      <SyncChip />
    </header>
  );
}

/** How much is unsent, everywhere; read out politely when it changes. */
function SyncChip() {
  const now = useWatched(status);
  const online = useOnline();
  const answers = useStored(async () => (await pendingAnswers()).filter((each) => !each.refused).length, ["rescues", "session"]) ?? 0;
  const number = now.unsent.entries + now.unsent.photos + answers;
  const kind = now.unsent.unsolved > 0 ? "bad" : number > 0 || now.phase === "signed_out" ? "warn" : "ok";
  const busy = now.phase === "sending" && number > 0;
  const text =
    now.unsent.unsolved > 0 ? t("sync.chip.unsolved", { n: now.unsent.unsolved })
    : number > 0 ? n(busy ? "sync.chip.sending" : "sync.chip", busy ? "sync.chip.sending" : "sync.chip", number)
    : now.phase === "signed_out" ? t("sync.chip.signin")
    : t("sync.chip.none");
  return (
    <a class={`chip ${kind} ${busy ? "busy" : ""}`} href={now.phase === "signed_out" && number === 0 ? "#/sign-in" : "#/unsent"}>
      <span aria-live="polite">{text}{!online && <span class="hidden"> {t("sync.offline")}</span>}</span>
    </a>
  );
}

const TABS = [
  { to: "#/", part: "", name: "nav.today", drawing: "M4 6h16M4 12h16M4 18h10" },
  { to: "#/scan", part: "scan", name: "nav.scan", drawing: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M8 12h8" },
  { to: "#/inbox", part: "inbox", name: "nav.inbox", drawing: "M4 13l3-8h10l3 8v6H4zM4 13h5l1.5 3h3L15 13h5" },
  { to: "#/phone", part: "phone", name: "nav.phone", drawing: "M8 3h8a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM11 18h2" },
] as const;

/** More do not fit the badge. */
const MOST_COUNTED = 99;

export function Tabs() {
  const here = useWatched(place).parts[0] ?? "";
  const area = here === "stops" || here === "day" || here === "visits" || here === "rescues" ? "" : here;
  const fresh = useStored(unread, ["inbox", "session"]) ?? 0;
  return (
    <nav class="tabs" aria-label={t("nav.main")}>
      {TABS.map((tab) => (
        <a key={tab.part} class={`tab ${tab.part === "scan" ? "main" : ""}`} href={tab.to} aria-current={area === tab.part ? "page" : undefined}>
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d={tab.drawing} /></svg>
          {t(tab.name)}
          {tab.part === "inbox" && fresh > 0 && <span class="count"><span aria-hidden="true">{fresh > MOST_COUNTED ? `${MOST_COUNTED}+` : fresh}</span><span class="hidden"> {t("inbox.unread", { n: fresh })}</span></span>}
        </a>
      ))}
    </nav>
  );
}
