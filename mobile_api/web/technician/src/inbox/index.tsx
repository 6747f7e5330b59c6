// The inbox: `#/inbox`, one message `#/inbox/{id}`.

import { useEffect } from "preact/hooks";
import { n, say, t } from "../i18n";
import { latestDay } from "../store/day";
import { momentOf } from "../ui/format";
import { Back, Badge, Empty, Title, useStored } from "../ui/parts";
import { place } from "../ui/router";
import { useWatched } from "../ui/state";
import { sendMarks } from "./fetching";
import "./inbox.css";
import { placeFor } from "./links";
import { mode } from "./live";
import { PushCard } from "./PushCard";
import { isUnread, mark, messages } from "./store";
import type { KeptMessage, Mark } from "./types";

export default function Inbox() {
  const id = useWatched(place).parts[1] ?? "";
  const found = useStored(async () => ({ all: await messages(), zone: (await latestDay())?.view.time_zone }), ["inbox", "session", "days"]);
  if (!found) return null;
  return id ? <One id={id} all={found.all} zone={found.zone} /> : <All all={found.all} zone={found.zone} />;
}

function All({ all, zone }: { all: readonly KeptMessage[]; zone: string | undefined }) {
  const how = useWatched(mode);
  const fresh = all.filter(isUnread).length;
  return (
    <>
      <Title below={fresh > 0 ? n("inbox.unread", "inbox.unread", fresh) : ""}>{t("inbox.title")}</Title>
      <p class="muted" role="status">{t(`inbox.${how}`)}</p>
      {all.length === 0 && <Empty title={t("inbox.none")}><p class="muted">{t("inbox.none.help")}</p></Empty>}
      <ul class="list messages">
        {all.map((message) => (
          <li key={message.id}>
            <a class={`card message ${isUnread(message) ? "fresh" : ""}`} href={`#/inbox/${message.id}`}>
              <span class="wrap"><Marks message={message} /><span class="muted">{momentOf(message.created_at, zone)}</span></span>
              <span class="title">{say(message.title_zh, message.title_en)}</span>
              <span class="muted two-lines">{say(message.text_zh, message.text_en)}</span>
            </a>
          </li>
        ))}
      </ul>
      <PushCard />
      <a class="button" href="/inbox">{t("inbox.older")}</a>
    </>
  );
}

function Marks({ message }: { message: KeptMessage }) {
  return (
    <>
      {message.urgent && <Badge kind="bad">{t("inbox.urgent")}</Badge>}
      {isUnread(message) && <Badge kind="info">{t("inbox.new")}</Badge>}
      {(message.acknowledged_at || message.mark === "acknowledge") && <Badge kind="ok">{t("inbox.acknowledged")}</Badge>}
    </>
  );
}

function One({ id, all, zone }: { id: string; all: readonly KeptMessage[]; zone: string | undefined }) {
  const message = all.find((each) => each.id === id);
  useEffect(() => {
    if (message) void set(id, "read");
  }, [id, message === undefined]);
  if (!message) return <><Title>{t("inbox.gone")}</Title><Empty title={t("inbox.gone")} /><Back to="#/inbox" /></>;
  const leads = placeFor(message.kind, message.link);
  const isAcknowledged = message.acknowledged_at !== null || message.mark === "acknowledge";
  return (
    <>
      <Title below={momentOf(message.created_at, zone)}>{say(message.title_zh, message.title_en)}</Title>
      <p class="wrap"><Marks message={message} /></p>
      {(message.text_zh || message.text_en) && <section class="card"><p class="lines">{say(message.text_zh, message.text_en)}</p></section>}
      {message.mark !== "" && <p class="muted" role="status">{t("inbox.unsent")}</p>}
      <p class="actions">
        {leads !== "#/inbox" && <a class="button primary" href={leads}>{t("inbox.open")}</a>}
        {!isAcknowledged && <button type="button" class="button" onClick={() => void set(id, "acknowledge")}>{t("inbox.acknowledge")}</button>}
      </p>
      <Back to="#/inbox" />
    </>
  );
}

async function set(id: string, wanted: Mark): Promise<void> {
  await mark(id, wanted);
  await sendMarks();
}
