// The pages of a visit: `#/visits/{id}` and below it `zones/{zone}`, `finding`, `part`, `leave`, `owner`.

import "./checklist.css";
import { t } from "../i18n";
import { Back, Empty, Note, useStored } from "../ui/parts";
import { place } from "../ui/router";
import { useWatched } from "../ui/state";
import { FindingPage } from "./FindingPage";
import { LeavePage } from "./LeavePage";
import { OwnerPage } from "./OwnerPage";
import { PartPage } from "./PartPage";
import { VisitPage } from "./VisitPage";
import { load, notKept, type Work } from "./work";
import { ZonePage } from "./ZonePage";

export default function Checklist() {
  const here = useWatched(place);
  const [, id = "", page = "", which = ""] = here.parts;
  const found = useStored(async () => ({ work: await load(id) }), ["drafts", "entries", "visits", "photos"], [id]);
  if (found === undefined) return <p class="muted" role="status">{t("app.loading")}</p>;
  const { work } = found;
  if (work === undefined) return <Empty title={t("checklist.gone")}><p>{t("checklist.gone_text")}</p><Back /></Empty>;
  return <><NotKept /><Page work={work} page={page} which={which} item={here.query.get("item") ?? ""} /></>;
}

/** Said as long as it lasts: what was kept before is safe, and what is done now would not be. */
function NotKept() {
  const why = useWatched(notKept);
  return why === "" ? null : <Note kind="bad" title={t("checklist.not_kept")} alert><p>{t("checklist.not_kept_text", { why })}</p></Note>;
}

function Page({ work, page, which, item }: { readonly work: Work; readonly page: string; readonly which: string; readonly item: string }) {
  if (page === "zones") return <ZonePage work={work} zone={which} item={item} />;
  if (page === "finding") return <FindingPage work={work} item={item} />;
  if (page === "part") return <PartPage work={work} item={item} id={which} />;
  if (page === "leave") return <LeavePage work={work} />;
  if (page === "owner") return <OwnerPage work={work} />;
  return <VisitPage work={work} />;
}
