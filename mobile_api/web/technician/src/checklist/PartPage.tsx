// A part that was fitted: what, how many, the serials of the old and the new one (typed or scanned), photos before and after.

import { useState } from "preact/hooks";
import { t } from "../i18n";
import { Viewfinder } from "../scan/Viewfinder";
import { tellRead } from "../scan/told";
import "../scan/scan.css";
import type { Part } from "../store/types";
import { Back, Field, Title } from "../ui/parts";
import { go } from "../ui/router";
import { itemName, visitName } from "./names";
import { Photos } from "./Photos";
import { dropPart, isEditable, keepPart, sign, type Work } from "./work";

/** Characters of a name or a serial, as an entry takes them. */
const LONGEST_WORD = 200;
const MOST_PIECES = 10_000;

export function PartPage({ work, item, id }: { readonly work: Work; readonly item: string; readonly id: string }) {
  const { visit, standing } = work;
  const [part, setPart] = useState<Part>(() => standing.parts.find((one) => one.id === id) ?? emptyPart(item));
  const [asked, setAsked] = useState(false);
  const editable = isEditable(work);
  const isNew = !standing.parts.some((one) => one.id === part.id);
  const change = (more: Partial<Part>): void => {
    const next = { ...part, ...more };
    setPart(next);
    void keepPart(visit.id, next);
  };
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    setAsked(true);
    if (part.name.trim() === "") return;
    await keepPart(visit.id, part);
    await sign(visit.id);
    go(`#/visits/${visit.id}`);
  };
  const remove = async (): Promise<void> => {
    await dropPart(visit.id, part.id);
    go(`#/visits/${visit.id}`);
  };
  return (
    <>
      <Title below={visitName(visit)}>{t("part.title")}</Title>
      <form class="card" onSubmit={(event) => void save(event)}>
        <Field id="part-name" label={t("part.name")} fault={asked && part.name.trim() === "" ? t("part.name_needed") : undefined}>
          {(given) => <input {...given} value={part.name} maxLength={LONGEST_WORD} disabled={!editable} onInput={(event) => change({ name: event.currentTarget.value })} />}
        </Field>
        <Field id="part-item" label={t("part.item")}>
          {(given) => (
            <select {...given} value={part.item} disabled={!editable} onChange={(event) => change({ item: event.currentTarget.value })}>
              <option value="">{t("part.no_item")}</option>
              {work.items.map((one) => <option key={one.code} value={one.code}>{itemName(one)}</option>)}
            </select>
          )}
        </Field>
        <Field id="part-quantity" label={t("part.quantity")}>
          {(given) => <input {...given} type="number" inputMode="numeric" min={1} max={MOST_PIECES} value={part.quantity} disabled={!editable} onInput={(event) => change({ quantity: pieces(event.currentTarget.value) })} />}
        </Field>
        <Serial id="part-removed" label={t("part.removed")} value={part.serial_removed} editable={editable} onText={(serial_removed) => change({ serial_removed })} />
        <Photos work={work} use="part_before" item={part.item} subject={part.id} editable={editable} label={t("part.before")} onTaken={(photo_before) => change({ photo_before })} />
        <Serial id="part-fitted" label={t("part.fitted")} value={part.serial_fitted} editable={editable} onText={(serial_fitted) => change({ serial_fitted })} />
        <Photos work={work} use="part_after" item={part.item} subject={part.id} editable={editable} label={t("part.after")} onTaken={(photo_after) => change({ photo_after })} />
        {editable && <button class="button primary" type="submit">{t("part.save")}</button>}
        {editable && !isNew && standing.unsigned && <button class="button danger" type="button" onClick={() => void remove()}>{t("part.remove")}</button>}
      </form>
      <Back to={`#/visits/${visit.id}`} />
    </>
  );
}

function emptyPart(item: string): Part {
  return { id: crypto.randomUUID(), item, name: "", quantity: 1, serial_removed: "", serial_fitted: "", photo_before: null, photo_after: null };
}

function pieces(text: string): number {
  const number = Number.parseInt(text, 10);
  return Number.isNaN(number) ? 1 : Math.min(Math.max(number, 1), MOST_PIECES);
}

interface SerialProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly editable: boolean;
  readonly onText: (text: string) => void;
}

function Serial({ id, label, value, editable, onText }: SerialProps) {
  const [isScanning, setScanning] = useState(false);
  const take = (text: string): void => {
    tellRead();
    setScanning(false);
    onText(text.slice(0, LONGEST_WORD));
  };
  return (
    <>
      <Field id={id} label={label}>
        {(given) => <input {...given} value={value} maxLength={LONGEST_WORD} autocomplete="off" disabled={!editable} onInput={(event) => onText(event.currentTarget.value)} />}
      </Field>
      {editable && <button type="button" class="button" aria-expanded={isScanning} onClick={() => setScanning(!isScanning)}>{t(isScanning ? "do.cancel" : "part.scan")}</button>}
      {isScanning && <><p class="muted">{t("part.scanning")}</p><Viewfinder paused={false} what="serial" onRead={take} /></>}
    </>
  );
}
