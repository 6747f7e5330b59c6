/** Drafts: what is being answered or written, saved at every tap and signed later. */
import { withBallast } from "./ballast";
import { database } from "./db";
import type { Draft } from "./types";

/** Saves a draft over the one of the same name. */
export async function saveDraft<T>(visit: string, name: string, value: T): Promise<void> {
  await withBallast(async () => (await database()).put("drafts", { visit, name, value, saved_at_ms: Date.now() }));
}

/** Reads a draft. */
export async function draft<T>(visit: string, name: string): Promise<T | undefined> {
  return (await (await database()).get("drafts", [visit, name]))?.value as T | undefined;
}

/** All drafts of a visit whose name begins so, by name. */
export async function drafts<T>(visit: string, beginning = ""): Promise<Map<string, T>> {
  const all = IDBKeyRange.bound([visit, beginning], [visit, `${beginning}\uffff`]);
  const found = (await (await database()).getAll("drafts", all)) as Draft<T>[];
  return new Map(found.map((each) => [each.name, each.value]));
}

/** Drops a draft that was thrown away by hand; `append` drops those that it signs. */
export async function dropDraft(visit: string, name: string): Promise<void> {
  await (await database()).delete("drafts", [visit, name]);
}
