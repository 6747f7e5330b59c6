/** Other ways to sign in, shown below the password. */
import type { ComponentType } from "preact";
import type { Offered } from "./offered";
import { hasPasskeys } from "./passkey";
import { PasskeyButton } from "./passkey_button";
import { PhoneNumberButton } from "./phone_number_button";
import type { SignedIn } from "./signing_in";

export interface WayProps {
  login: string;
  offered: Offered;
  /** Called back with what came of it. */
  done: (result: SignedIn) => void;
}

export interface Way {
  key: string;
  /** Its button, with what it asks for. */
  button: ComponentType<WayProps>;
  /** Whether the server offers it and this browser can do it. */
  offered: (offered: Offered) => boolean;
}

export const WAYS: readonly Way[] = [
  { key: "passkey", button: PasskeyButton, offered: (offered) => offered.passkey && hasPasskeys() },
  { key: "phone_number", button: PhoneNumberButton, offered: (offered) => offered.phone_number !== null },
];
