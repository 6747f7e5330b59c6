/** Other ways to sign in, shown below the password: the place for passkeys. */
import type { ComponentType } from "preact";
import type { SignedIn } from "./signing_in";

export interface Way {
  key: string;
  /** Its button; calls back with what came of it. */
  button: ComponentType<{ login: string; done: (result: SignedIn) => void }>;
  /** Whether this browser can do it. */
  offered: () => boolean;
}

export const WAYS: readonly Way[] = [];
