/** One writer at a time across all tabs of the app (Web Locks); in a browser without them, across this tab. */

/** The last job of each name: one of another name may be begun inside a job. */
const before = new Map<string, Promise<unknown>>();

/** Runs a job while no other job of that name runs. */
export function alone<T>(name: string, job: () => Promise<T>): Promise<T> {
  if (typeof navigator !== "undefined" && navigator.locks) return navigator.locks.request(`liftrounds-${name}`, job) as Promise<T>;
  const mine = (before.get(name) ?? Promise.resolve()).then(job);
  before.set(name, mine.catch(() => undefined));
  return mine;
}

/** Runs a job unless one of that name runs already; returns undefined then. */
export function aloneOrNot<T>(name: string, job: () => Promise<T>): Promise<T | undefined> {
  if (typeof navigator === "undefined" || !navigator.locks) return alone(name, job);
  return navigator.locks.request(`liftrounds-${name}`, { ifAvailable: true }, async (lock) => (lock ? job() : undefined)) as Promise<T | undefined>;
}
