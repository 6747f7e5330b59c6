// The pages of a visit: `#/visits/{id}` and below it `zones/{zone}`, `finding`, `part`, `leave`, `owner`.

import "./checklist.css";
import { t } from "../i18n";
import { Back, Empty, useStored } from "../ui/parts";
import { place } from "../ui/router";
import { useWatched } from "../ui/state";
import { FindingPage } from "./FindingPage";
import { LeavePage } from "./LeavePage";
import { OwnerPage } from "./OwnerPage";
import { PartPage } from "./PartPage";
import { VisitPage } from "./VisitPage";
import { load } from "./work";
import { ZonePage } from "./ZonePage";

export default function Checklist() {
  const here = useWatched(place);
  const [, id = "", page = "", which = ""] = here.parts;
  const found = useStored(async () => ({ work: await load(id) }), ["drafts", "entries", "visits", "photos"], [id]);
  if (found === undefined) return <p class="muted" role="status">{t("app.loading")}</p>;
  const { work } = found;
  if (work === undefined) return <Empty title={t("checklist.gone")}><p>{t("checklist.gone_text")}</p><Back /></Empty>;
  const item = here.query.get("item") ?? "";
  if (page === "zones") return <ZonePage work={work} zone={which} item={item} />;
  if (page === "finding") return <FindingPage work={work} item={item} />;
  if (page === "part") return <PartPage work={work} item={item} id={which} />;
  if (page === "leave") return <LeavePage work={work} />;
  if (page === "owner") return <OwnerPage work={work} />;
  return <VisitPage work={work} />;
}
