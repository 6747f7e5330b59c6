// The phone's camera: asked for once, given back when its screen closes, and every refusal told apart, because each has its own
// way out.

export type CameraProblem = "denied" | "none" | "busy" | "insecure";

export interface Camera {
  readonly stream: MediaStream;
  readonly deviceId: string;
  readonly canLight: boolean;
}

export type CameraOpened = { readonly camera: Camera; readonly problem: null } | { readonly camera: null; readonly problem: CameraProblem };

/** Pixels that are asked for: enough to read a 15 mm code at arm's length, few enough for a slow phone. */
const WIDTH_PX = 1280;
const HEIGHT_PX = 720;

/** Opens the camera that looks away from the user, or the chosen one. */
export async function openCamera(deviceId = "", largest = false): Promise<CameraOpened> {
  const devices = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
  if (devices === undefined) return { camera: null, problem: "insecure" };
  const size = largest ? { width: { ideal: 2 * WIDTH_PX }, height: { ideal: 2 * HEIGHT_PX } } : { width: { ideal: WIDTH_PX }, height: { ideal: HEIGHT_PX } };
  const which = deviceId === "" ? { facingMode: { ideal: "environment" } } : { deviceId: { exact: deviceId } };
  try {
    const stream = await devices.getUserMedia({ video: { ...which, ...size }, audio: false });
    const track = stream.getVideoTracks()[0];
    if (track === undefined) return { camera: null, problem: "none" };
    return { camera: { stream, deviceId: track.getSettings().deviceId ?? "", canLight: hasTorch(track) }, problem: null };
  } catch (error) {
    return { camera: null, problem: problemOf(error instanceof DOMException ? error.name : "") };
  }
}

/** Gives the camera back, so that its light goes out and other programs can have it. */
export function closeCamera(camera: Camera): void {
  for (const track of camera.stream.getTracks()) track.stop();
}

/** Switches the torch; false where the phone would not. */
export async function light(camera: Camera, on: boolean): Promise<boolean> {
  try {
    await camera.stream.getVideoTracks()[0]?.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] });
    return true;
  } catch {
    return false;
  }
}

/** The cameras of the phone; names are known only after the permission. */
export async function cameras(): Promise<{ readonly id: string; readonly label: string }[]> {
  const all = await navigator.mediaDevices.enumerateDevices();
  return all.filter((one) => one.kind === "videoinput" && one.deviceId !== "").map((one) => ({ id: one.deviceId, label: one.label }));
}

function hasTorch(track: MediaStreamTrack): boolean {
  const can = (track as { getCapabilities?: () => MediaTrackCapabilities }).getCapabilities?.() ?? {};
  return "torch" in can && can.torch === true;
}

function problemOf(name: string): CameraProblem {
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return name === "NotReadableError" || name === "AbortError" ? "busy" : "none";
}
