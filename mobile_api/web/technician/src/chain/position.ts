/** A position is signed as a commitment and opened beside the entry, so that it can be forgotten while the chain still holds. */
import type { OpenedPosition, PositionState } from "../store/types";
import { hex, sha256, unhex, type Bytes } from "./bytes";
import { canonical } from "./canonical";

const SALT_BYTES = 32;

export interface Fix {
  readonly lat_e7: number;
  readonly lon_e7: number;
  readonly accuracy_dm: number;
  readonly at_ms: number;
}

export interface Committed {
  position: PositionState;
  /** Goes into the envelope, beside the payload. */
  opened: OpenedPosition | undefined;
}

/** SHA-256 over the salt and the canonical fix. */
export function commitmentOf(salt: Bytes, fix: Fix): Promise<string> {
  const { lat_e7, lon_e7, accuracy_dm, at_ms } = fix;
  const said = canonical({ lat_e7, lon_e7, accuracy_dm, at_ms });
  const bytes = new Uint8Array(salt.length + said.length);
  bytes.set(salt);
  bytes.set(said, salt.length);
  return sha256(bytes);
}

/** Whether an opened position is the one committed to. */
export async function opens(opened: OpenedPosition, commitment: string): Promise<boolean> {
  return (await commitmentOf(unhex(opened.salt), opened)) === commitment;
}

/** Commits to a position; without one only its state is said. */
export async function commit(state: PositionState["state"], fix: Fix | null): Promise<Committed> {
  if (state !== "given" || fix === null) return { position: { state, commitment: "" }, opened: undefined };
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const { lat_e7, lon_e7, accuracy_dm, at_ms } = fix;
  const commitment = await commitmentOf(salt, fix);
  return { position: { state, commitment }, opened: { salt: hex(salt), lat_e7, lon_e7, accuracy_dm, at_ms } };
}
