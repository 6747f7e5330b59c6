// ZXing apart from the screen's own thread. Its WebAssembly is a file of ours: nothing is fetched from elsewhere.

import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import wasm from "zxing-wasm/reader/zxing_reader.wasm?url";

prepareZXingModule({ overrides: { locateFile: () => wasm } });

self.onmessage = async (event: MessageEvent<{ id: number; pixels: ImageData }>) => {
  const { id, pixels } = event.data;
  try {
    const found = await readBarcodes(pixels, { formats: ["QRCode"], tryHarder: true, tryRotate: true, tryInvert: true, maxNumberOfSymbols: 4 });
    self.postMessage({ id, texts: found.filter((one) => one.isValid).map((one) => one.text) });
  } catch {
    self.postMessage({ id, texts: null });
  }
};
