/** What is tapped in a rescue: kept at once, sent in the order of the taps, told as not sent until the server has it. */
import { mark, messages } from "../inbox/store";
import { announce } from "../store/changes";
import { database } from "../store/db";
import { alone } from "../store/lock";
import { session } from "../store/session";
import { call, type Call } from "../sync/api";
import { keepRescue } from "./fetching";
import type { RescueAnswer, RescueView, What } from "./types";

/** The taps of whoever is signed in that the server has not taken, in their order. */
export async function pendingAnswers(): Promise<RescueAnswer[]> {
  const technician = (await session())?.technician;
  return (await (await database()).getAll("rescue_answers")).filter((each) => each.technician === technician);
}

/** Keeps a tap and sends it; the same tap again is one. False while it is not sent. */
export async function answer(rescue: string, what: What, code = ""): Promise<boolean> {
  const technician = (await session())?.technician ?? "";
  await alone("rescue-tap", async () => {
    const db = await database();
    const mine = (await pendingAnswers()).filter((each) => each.rescue === rescue);
    for (const old of mine) if (old.refused && old.what === what && old.key !== undefined) await db.delete("rescue_answers", old.key); // answered anew
    const last = mine.filter((each) => !each.refused).at(-1);
    if (last?.what === what && last.code === code) return;
    await db.add("rescue_answers", { rescue, technician, what, code, at_ms: Date.now(), refused: "" });
  });
  announce("rescues");
  for (const ring of await messages()) if (ring.subject === rescue) await mark(ring.id, "acknowledge"); // answered is more than read
  return sendAnswers();
}

/** Forgets a tap that the server does not take, once it was read. */
export async function dropAnswer(key: number): Promise<void> {
  await (await database()).delete("rescue_answers", key);
  announce("rescues");
}

/** Sends what waits, in order; true once nothing is left to send. */
export function sendAnswers(): Promise<boolean> {
  return alone("rescue-answers", async () => {
    const db = await database();
    for (let next = await first(); next?.key !== undefined; next = await first()) {
      const said = await call<RescueView>(...requestOf(next));
      if (said.kind === "ok") {
        await db.delete("rescue_answers", next.key);
        await keepRescue(said.body);
      } else if (said.kind === "refused") {
        await db.put("rescue_answers", { ...next, refused: said.detail || String(said.status) });
      } else return false;
      announce("rescues");
    }
    return true;
  });
}

async function first(): Promise<RescueAnswer | undefined> {
  return (await pendingAnswers()).find((each) => !each.refused);
}

function requestOf({ rescue, what, code }: RescueAnswer): [string, Call] {
  const address = `/api/v1/dispatches/${rescue}`;
  if (what === "released") return [`${address}/release`, { method: "POST" }];
  if (what === "arrived") return [`${address}/arrival`, { method: "POST", json: { code } }];
  return [`${address}/answer`, { method: "POST", json: { answer: what } }];
}
