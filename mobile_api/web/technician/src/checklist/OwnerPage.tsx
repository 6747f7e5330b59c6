// After the departure: the owner's one-time code as a QR, drawn on this phone, with plain words for the safety officer.

import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { entriesOf } from "../store/queue";
import { Empty, Note, Title, useStored } from "../ui/parts";
import { visitName } from "./names";
import { ownerLink } from "./ownercode";
import type { Work } from "./work";

/** Modules of white around the code (ISO/IEC 18004, 5.3.8). */
const QUIET = 4;

export function OwnerPage({ work }: { readonly work: Work }) {
  const { visit } = work;
  const departure = useStored(async () => (await entriesOf(visit.id)).find((entry) => entry.kind === "departure") ?? null, ["entries"], [visit.id]);
  if (visit.owner_code === "") return <Empty title={visitName(visit)}><a class="button" href={`#/visits/${visit.id}`}>{t("checklist.to_visit")}</a></Empty>;
  return (
    <>
      <Title below={visitName(visit)}>{t("owner.title")}</Title>
      <p>{t("owner.intro")}</p>
      <Code link={ownerLink(visit.owner_code, location.origin)} />
      {departure?.state === "waiting" && <Note kind="warn"><p role="status">{t("owner.unsent")}</p></Note>}
      <section class="card">
        <ol>
          <li>{t("owner.step_1")}</li>
          <li>{t("owner.step_2")}</li>
          <li>{t("owner.step_3")}</li>
        </ol>
        <p>{t("owner.not_here")}</p>
      </section>
      <p class="muted">{t("owner.later")}</p>
      <div class="actions">
        <a class="button" href={`#/visits/${visit.id}`}>{t("checklist.to_visit")}</a>
        <a class="button primary" href="#/">{t("owner.done")}</a>
      </div>
    </>
  );
}

function Code({ link }: { readonly link: string }) {
  const [drawn, setDrawn] = useState<{ readonly path: string; readonly size: number } | null>(null);
  useEffect(() => {
    void import("uqr").then(({ encode }) => {
      const { data, size } = encode(link, { ecc: "M", border: QUIET });
      const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
      setDrawn({ path, size });
    });
  }, [link]);
  if (drawn === null) return null;
  return (
    <svg class="owner-code" viewBox={`0 0 ${drawn.size} ${drawn.size}`} role="img" aria-label={t("owner.qr")} shape-rendering="crispEdges">
      <rect width={drawn.size} height={drawn.size} fill="#fff" />
      <path d={drawn.path} fill="#000" />
    </svg>
  );
}
