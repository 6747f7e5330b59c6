/** A value that redraws whoever uses it when it changes: as little as this app needs of signals. */
import { useEffect, useState } from "preact/hooks";

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

/** The value, in a component that is drawn anew when it changes. */
export function useWatched<T>(what: Watched<T>): T {
  const [, redraw] = useState(0);
  useEffect(() => {
    const listener = () => redraw((count) => count + 1);
    what.listeners.add(listener);
    return () => {
      what.listeners.delete(listener);
    };
  }, [what]);
  return what.value;
}
