// Photos as they are kept: bounded in size, drawn anew so that nothing but the picture is in the file (no EXIF, no place), and
// named by their SHA-256.

import { sha256OfBlob } from "../chain/bytes";

/** Of the longer side: a nameplate can be read, and 160 photos of a day still go through a weak signal. */
export const LONGEST_SIDE_PX = 1600;
/** Bytes of a photo at most; the quality goes down until it fits. */
export const MOST_BYTES = 600_000;
/** Qualities that are tried in turn; the last one is taken whatever its size. */
const QUALITIES: readonly number[] = [0.82, 0.7, 0.55, 0.4];

export interface KeptImage {
  readonly blob: Blob;
  readonly sha256: string;
  readonly width_px: number;
  readonly height_px: number;
}

/** The size of a picture inside the bound, sides in the same proportion; a small one stays as it is. */
export function fitted(width: number, height: number, longest = LONGEST_SIDE_PX): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height, 1));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Draws a picture anew inside the bound and names it by its hash. */
export async function keptImage(source: ImageBitmap): Promise<KeptImage> {
  const size = fitted(source.width, source.height);
  const canvas = document.createElement("canvas");
  canvas.width = size.width;
  canvas.height = size.height;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("this browser cannot draw");
  context.drawImage(source, 0, 0, size.width, size.height);
  const blob = await smallEnough((quality) => encoded(canvas, quality));
  return { blob, sha256: await sha256OfBlob(blob), width_px: size.width, height_px: size.height };
}

/** Encodes with falling quality until the file is small enough. */
export async function smallEnough(encode: (quality: number) => Promise<Blob>, most = MOST_BYTES): Promise<Blob> {
  let blob = new Blob();
  for (const quality of QUALITIES) {
    blob = await encode(quality);
    if (blob.size <= most) break;
  }
  return blob;
}

/** Whether a JPEG carries EXIF or other application data beyond JFIF (ISO/IEC 10918-1: markers APP1 to APP15). */
export function hasMetadata(bytes: Uint8Array): boolean {
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xda) return false; // the picture itself begins
    if (marker >= 0xe1 && marker <= 0xef && !isColourProfile(bytes, at)) return true;
    at += 2 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
  }
  return false;
}

/** A colour profile (APP2, "ICC_PROFILE") says nothing of the photographer. */
function isColourProfile(bytes: Uint8Array, at: number): boolean {
  const name = String.fromCharCode(...bytes.slice(at + 4, at + 15));
  return bytes[at + 1] === 0xe2 && name === "ICC_PROFILE";
}

function encoded(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error("this browser cannot write JPEG")) : resolve(blob)), "image/jpeg", quality);
  });
}
