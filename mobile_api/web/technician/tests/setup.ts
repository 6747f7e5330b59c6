/** Before every test: an empty database of its own. */
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach } from "vitest";
import { dropBeacon } from "../src/chain/beacon";
import { dropDayAtHand } from "../src/store/day";
import { closeDatabase } from "../src/store/db";

beforeEach(async () => {
  await closeDatabase();
  globalThis.indexedDB = new IDBFactory();
  dropDayAtHand();
  await dropBeacon();
});
