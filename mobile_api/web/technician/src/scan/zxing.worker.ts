// ZXing apart from the screen's own thread. Its WebAssembly is a file of ours: nothing is fetched from elsewhere.

import { prepareZXingModule, readBarcodes, type ReadInputBarcodeFormat } from "zxing-wasm/reader";
import wasm from "zxing-wasm/reader/zxing_reader.wasm?url";

prepareZXingModule({ overrides: { locateFile: () => wasm } });

self.onmessage = async (event: MessageEvent<{ id: number; pixels: ImageData; formats: ReadInputBarcodeFormat[] }>) => {
  const { id, pixels, formats } = event.data;
  try {
    const found = await readBarcodes(pixels, { formats, tryHarder: true, tryRotate: true, tryInvert: true, maxNumberOfSymbols: 4 });
    self.postMessage({ id, texts: found.filter((one) => one.isValid).map((one) => one.text) });
  } catch {
    self.postMessage({ id, texts: null });
  }
};
