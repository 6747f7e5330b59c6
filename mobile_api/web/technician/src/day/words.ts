/** Names of the field's codes; a code that we have no word for is shown as it is. */
import { t, type Key } from "../i18n";

function named(key: string, code: string): string {
  try {
    return t(key as Key);
  } catch {
    return code;
  }
}

export const className = (code: string) => named(`class.${code}`, code);
export const severityName = (code: string) => named(`severity.${code}`, code);
export const standingName = (code: string) => named(`stop.state.${code}`, code);
export const kindName = (code: string) => named(`kind.${code}`, code);
export const zoneName = (code: string) => named(`zone.${code}`, code);
export const outcomeName = (code: string) => named(`check.${code}`, code);
