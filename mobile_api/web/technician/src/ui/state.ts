/** Watched values in components. */
import { useEffect, useState } from "preact/hooks";
import type { Watched } from "./watched";

export { changed, watched, type Watched } from "./watched";

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
