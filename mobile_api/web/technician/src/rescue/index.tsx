// The page of a rescue: `#/rescues/{id}`.

import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { timeOf } from "../ui/format";
import { useOnline } from "../ui/online";
import { Back, Empty, Note, Title } from "../ui/parts";
import { place } from "../ui/router";
import { useWatched } from "../ui/state";
import { fetchRescue } from "./fetching";
import { AnswerButton, Clock, Facts, Maps, NotSent, useStanding, type Standing } from "./parts";
import { answerOf, stateNow } from "./standing";
import type { KeptRescue } from "./types";

export default function RescuePage() {
  const id = useWatched(place).parts[1] ?? "";
  const standing = useStanding();
  const [gone, setGone] = useState(false);
  useEffect(() => {
    setGone(false);
    void fetchRescue(id).then((found) => setGone(found === "gone"));
  }, [id]);
  if (!standing) return null;
  const kept = standing.all.find((each) => each.id === id);
  if (!kept) return <><Title>{t("rescue.title")}</Title><Empty title={t(gone ? "rescue.gone" : "rescue.unknown")} /><Back /></>;
  return <About kept={kept} standing={standing} />;
}

function About({ kept, standing }: { kept: KeptRescue; standing: Standing }) {
  const online = useOnline();
  const { summary } = kept.view;
  const technician = standing.who?.technician ?? "";
  const pending = standing.pending.filter((each) => each.rescue === kept.id);
  return (
    <>
      <Title below={t("rescue.title")}>{`${summary.site_name} ${summary.unit_name}`}</Title>
      {!online && <p class="muted" role="status">{t("rescue.stale", { at: timeOf(kept.fetched_at_ms, summary.time_zone) })}</p>}
      <NotSent pending={pending} zone={summary.time_zone} />
      <Clock kept={kept} />
      <Doing kept={kept} standing={standing} />
      <section class="card"><Facts kept={kept} technician={technician} /></section>
      <section class="card"><h2>{t("stop.maps")}</h2><Maps kept={kept} /></section>
      <Back />
    </>
  );
}

/** How it stands, and what can be done next. */
function Doing({ kept, standing }: { kept: KeptRescue; standing: Standing }) {
  const { who, pending } = standing;
  const { view } = kept;
  const state = stateNow(kept, pending);
  const mine = answerOf(kept, who?.technician ?? "", who?.name ?? "", pending);
  if (state === "closed") return <Note kind="ok"><p role="status">{t("rescue.closed")}</p></Note>;
  if (state === "released") return <Note kind="ok"><p role="status">{t("rescue.out")}</p></Note>;
  if (state === "arrived") {
    const told = view.arrived_by && view.arrived_by !== who?.name ? t("rescue.on_site", { name: view.arrived_by }) : t("rescue.on_site_you");
    return <section class="card"><p role="status"><b>{told}</b></p><AnswerButton kept={kept} what="released" name="rescue.released" kind="primary" /></section>;
  }
  const other = view.summary.acknowledged_by;
  const told = mine === "going" ? t("rescue.you_going")
    : state === "going" && other ? t("rescue.other_going", { name: other })
    : mine === "cannot" ? t("rescue.you_cannot") : t("rescue.ringing");
  return (
    <section class="card">
      <p role="status"><b>{told}</b></p>
      {mine === "going" ? (
        <>
          <a class="button primary large" href={`#/scan?for=rescue&rescue=${kept.id}`}>{t("rescue.scan")}</a>
          <AnswerButton kept={kept} what="arrived" name="rescue.arrived" />
          <AnswerButton kept={kept} what="cannot" name="rescue.cannot_any_more" kind="danger" />
        </>
      ) : (
        <>
          <AnswerButton kept={kept} what="going" name={state === "going" ? "rescue.going_too" : "rescue.going"} kind={state === "going" ? "" : "primary"} />
          {mine === "" && state === "ringing" && <AnswerButton kept={kept} what="cannot" name="rescue.cannot" kind="danger" />}
        </>
      )}
    </section>
  );
}
