/** Which ways to sign in the server offers besides the password; asked for when they are needed, none while it is not reached. */
import { useEffect, useState } from "preact/hooks";
import { call } from "../sync/api";

export interface PhoneNumberWay {
  project: string;
  api_key: string;
  url: string;
  recaptcha: boolean;
}

export interface Offered {
  passkey: boolean;
  why_no_passkey: string;
  phone_number: PhoneNumberWay | null;
}

/** The offer, null until it is known. */
export function useOffered(): Offered | null {
  const [offered, set] = useState<Offered | null>(null);
  useEffect(() => {
    let alive = true;
    void call<Offered>("/api/v1/sign-in-ways", { token: null }).then((answer) => alive && answer.kind === "ok" && set(answer.body));
    return () => {
      alive = false;
    };
  }, []);
  return offered;
}
