/** A value whose changes are told: as little as this app needs of signals. The service worker uses it too, so nothing is drawn here. */

export interface Watched<T> {
  value: T;
  readonly listeners: Set<() => void>;
}

export function watched<T>(value: T): Watched<T> {
  return { value, listeners: new Set() };
}

/** Sets a watched value and tells its users. */
export function changed<T>(what: Watched<T>, value: T): void {
  what.value = value;
  for (const listener of [...what.listeners]) listener();
}
