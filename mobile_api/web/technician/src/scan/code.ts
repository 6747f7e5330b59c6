// The code on a label, read as qr/code.py reads it: what is scanned, opened as a link or typed by hand.
// A label is public: that a code is well formed says nothing about whether it is genuine. Only the server can tell.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** The 37 symbols of the check character; the last five appear nowhere else (Douglas Crockford, "Base 32"). */
const CHECK_ALPHABET = `${ALPHABET}*~$=U`;
const ID_CHARACTERS = 8;
const CODE_CHARACTERS = 14;
/** Characters read at most; a label's address has under 100. */
const LONGEST_INPUT = 512;

const LABEL_URL = /^(?:https?:\/\/)?(?:[^/?#]*\/)?e\/([^/?#]*)\/?(?:[?#].*)?$/isu;
/** Blanks, dashes of every width, and the invisible characters that copying brings along. */
const SEPARATORS = /[\s\u001c-\u001f\u0085\u2212\p{Pd}\p{Cf}]/gu;

export interface LabelCode {
  /** 8 characters that name the label. */
  readonly id: string;
  /** 6 characters that only the server can check. */
  readonly mac: string;
  /** `{id}-{mac}`, as in the address. */
  readonly text: string;
}

export type CodeFault =
  | { readonly reason: "too_long" | "not_a_label_url" | "empty" | "check_failed" }
  | { readonly reason: "wrong_length"; readonly length: number }
  | { readonly reason: "wrong_character"; readonly position: number; readonly character: string };

export type ParsedCode = { readonly code: LabelCode; readonly fault: null } | { readonly code: null; readonly fault: CodeFault };

/** Upper case, with the look-alikes of 0 and 1 replaced: o for 0, i and l for 1. */
export function plain(text: string): string {
  return text.toUpperCase().replaceAll("O", "0").replaceAll("I", "1").replaceAll("L", "1");
}

/** The check character: the number that the text writes in base 32, modulo 37, so that every slip and swap changes it. */
export function checkCharacter(text: string): string {
  let remainder = 0;
  for (const character of text) remainder = (remainder * ALPHABET.length + ALPHABET.indexOf(character)) % CHECK_ALPHABET.length;
  return CHECK_ALPHABET.charAt(remainder);
}

/** The form to type by hand: three groups of five, the last character is the check character. */
export function shortCode(code: LabelCode): string {
  const characters = code.id + code.mac;
  return (characters + checkCharacter(characters)).replace(/(.{5})(?=.)/g, "$1-");
}

/** Reads a code as it is scanned, opened as a link or typed; says what is wrong with it otherwise. */
export function parseCode(text: string): ParsedCode {
  // Characters are counted as the server counts them: by code points.
  if (Array.from(text).length > LONGEST_INPUT) return refused({ reason: "too_long" });
  const given = codePart(text.normalize("NFKC"));
  if (given === null) return refused({ reason: "not_a_label_url" });
  const characters = Array.from(plain(given.replace(SEPARATORS, "")));
  if (characters.length === 0) return refused({ reason: "empty" });
  if (characters.length !== CODE_CHARACTERS && characters.length !== CODE_CHARACTERS + 1) {
    return refused({ reason: "wrong_length", length: characters.length });
  }
  const wrong = characters.findIndex((one, place) => !(place < CODE_CHARACTERS ? ALPHABET : CHECK_ALPHABET).includes(one));
  if (wrong >= 0) return refused({ reason: "wrong_character", position: wrong + 1, character: characters[wrong] ?? "" });
  const body = characters.slice(0, CODE_CHARACTERS).join("");
  const check = characters[CODE_CHARACTERS];
  if (check !== undefined && check !== checkCharacter(body)) return refused({ reason: "check_failed" });
  const [id, mac] = [body.slice(0, ID_CHARACTERS), body.slice(ID_CHARACTERS)];
  return { code: { id, mac, text: `${id}-${mac}` }, fault: null };
}

/** Writes typed characters in groups of five as they come, so that they can be compared with the label. */
export function grouped(typed: string): string {
  const characters = Array.from(plain(typed.normalize("NFKC").replace(SEPARATORS, ""))).slice(0, CODE_CHARACTERS + 1);
  return characters.join("").replace(/(.{5})(?=.)/g, "$1-");
}

function codePart(text: string): string | null {
  const trimmed = text.replace(/^[\s\u001c-\u001f\u0085]+|[\s\u001c-\u001f\u0085]+$/g, "");
  if (!trimmed.includes("/")) return trimmed;
  return LABEL_URL.exec(trimmed)?.[1] ?? null;
}

function refused(fault: CodeFault): ParsedCode {
  return { code: null, fault };
}
