// Reads QR codes from pictures: with the browser's own reader where it has one for QR, else with ZXing in a worker, served by
// us. The worker keeps the screen smooth on an old phone.

export interface CodeReader {
  readonly name: "native" | "zxing";
  /** The texts of all QR codes that are seen. */
  read(picture: ImageBitmap): Promise<string[]>;
  close(): void;
}

interface NativeDetector {
  detect(picture: ImageBitmapSource): Promise<{ rawValue: string }[]>;
}

interface NativeDetectorClass {
  new (options: { formats: string[] }): NativeDetector;
  getSupportedFormats(): Promise<string[]>;
}

/** A label's QR, or the serial of a part in any symbol that makers use. */
export type Looked = "label" | "serial";

const NATIVE: Readonly<Record<Looked, readonly string[]>> = { label: ["qr_code"], serial: ["qr_code", "data_matrix", "code_128", "code_39", "ean_13"] };
export const ZXING = { label: ["QRCode"], serial: ["QRCode", "DataMatrix", "Code128", "Code39", "EAN13"] } as const;

/** Makes the best reader that this browser has. */
export async function makeReader(what: Looked = "label"): Promise<CodeReader> {
  const native = await nativeReader(what);
  return native === null ? zxingReader(what) : insteadOf(native, () => zxingReader(what));
}

/** The first reader until it fails, as the browser's own does when the phone takes its service away; then the other. */
export function insteadOf(first: CodeReader, other: () => CodeReader): CodeReader {
  let now = first;
  return {
    get name() {
      return now.name;
    },
    async read(picture) {
      if (now !== first) return now.read(picture);
      try {
        return await first.read(picture);
      } catch {
        first.close();
        now = other();
        return now.read(picture);
      }
    },
    close: () => now.close(),
  };
}

/** The browser's own reader; null where it is missing, knows no QR, or fails on the first picture (as it does without its service). */
async function nativeReader(what: Looked): Promise<CodeReader | null> {
  const detectorClass = (globalThis as { BarcodeDetector?: NativeDetectorClass }).BarcodeDetector;
  if (detectorClass === undefined) return null;
  try {
    const known = await detectorClass.getSupportedFormats();
    if (!NATIVE[what].every((format) => known.includes(format))) return null;
    const detector = new detectorClass({ formats: [...NATIVE[what]] });
    await detector.detect(new ImageData(16, 16));
    return { name: "native", read: async (picture) => (await detector.detect(picture)).map((found) => found.rawValue), close: () => undefined };
  } catch {
    return null;
  }
}

function zxingReader(what: Looked): CodeReader {
  const worker = new Worker(new URL("./zxing.worker.ts", import.meta.url), { type: "module" });
  const waiting = new Map<number, { resolve: (texts: string[]) => void; reject: (error: Error) => void }>();
  let next = 0;
  worker.onmessage = (event: MessageEvent<{ id: number; texts: string[] | null }>) => {
    const asked = waiting.get(event.data.id);
    waiting.delete(event.data.id);
    if (event.data.texts === null) asked?.reject(new Error("the reader could not be started"));
    else asked?.resolve(event.data.texts);
  };
  worker.onerror = () => {
    for (const asked of waiting.values()) asked.reject(new Error("the reader could not be started"));
    waiting.clear();
  };
  return {
    name: "zxing",
    read: (picture) =>
      new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve, reject });
        const pixels = pixelsOf(picture);
        worker.postMessage({ id, pixels, formats: ZXING[what] }, [pixels.data.buffer]);
      }),
    close: () => worker.terminate(),
  };
}

/** Pixels of a picture's longer side as they are read: more costs an old phone time and finds no more codes. */
const LONGEST_SIDE_PX = 1280;
let canvas: HTMLCanvasElement | null = null;

function pixelsOf(picture: ImageBitmap): ImageData {
  const scale = Math.min(1, LONGEST_SIDE_PX / Math.max(picture.width, picture.height));
  canvas ??= document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("this browser cannot draw");
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
