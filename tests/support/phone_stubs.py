"""What a phone's browser has and headless Chromium has not, or the other way round: scripts that run before the app."""

from __future__ import annotations

LAMP = """
window.lamp = [];
MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true });
MediaStreamTrack.prototype.applyConstraints = async (wanted) => { window.lamp.push(wanted.advanced[0].torch); };
"""
"""A camera with a lamp: headless Chromium's has none."""

NO_CAMERA = """navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException("", "{name}"); }};"""

NATIVE = """
window.looks = 0;
window.BarcodeDetector = class {{
  static async getSupportedFormats() {{ return ["qr_code", "data_matrix", "code_128", "code_39", "ean_13"]; }}
  async detect(picture) {{
    if (picture instanceof ImageData) return [];
    window.looks += 1;
    {does}
  }}
}};
"""
"""A browser with a reader of its own, which Debian's Chromium has not."""

EAR = """
window.SpeechRecognition = class {
  start() {
    setTimeout(() => { this.onresult({ results: [[{ transcript: "worn at the leading edge" }]] }); this.onend(); }, 10);
  }
  stop() { this.onend(); }
};
"""
