// The owner's one-time code: made on this phone, shown to the safety officer, known to the server only by its hash.
// Whoever has the record without the code cannot confirm it; the code leaves the phone only through the officer's camera.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** 26 characters of 5 bits: 130 random bits. */
const CHARACTERS = 26;

/** Draws a new code of 26 Crockford characters. */
export function newOwnerCode(random: (bytes: Uint8Array<ArrayBuffer>) => void = (bytes) => crypto.getRandomValues(bytes)): string {
  const bytes = new Uint8Array(CHARACTERS);
  random(bytes);
  // 256 is a multiple of 32, so the lowest five bits of a random byte are evenly spread.
  return Array.from(bytes, (byte) => ALPHABET.charAt(byte & 31)).join("");
}

/** What the QR carries: upper case only, for the compact alphanumeric mode. */
export function ownerLink(code: string, origin: string): string {
  return `${origin}/c/${code}`.toUpperCase();
}

/** SHA-256 of the code's 26 ASCII characters, as it goes into the departure. */
export async function ownerCodeSha256(code: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(code));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
