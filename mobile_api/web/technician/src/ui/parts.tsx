/** Small parts that every area uses. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { onChange, type Changed } from "../store/changes";
import { back } from "./router";

/** Title of a page: takes the focus when the page opens, so that a screen reader begins there. */
export function Title({ children, below }: { children: string; below?: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${children} · ${t("app.name")}`;
    heading.current?.focus({ preventScroll: true });
  }, [children]);
  return (
    <div>
      <h1 ref={heading} tabIndex={-1}>{children}</h1>
      {below && <p class="muted">{below}</p>}
    </div>
  );
}

export type Kind = "ok" | "warn" | "bad" | "info" | "";

export function Badge({ kind = "", children }: { kind?: Kind; children: ComponentChildren }) {
  return <span class={`badge ${kind}`}>{children}</span>;
}

/** A message in a coloured box; `alert` is read out at once. */
export function Note({ kind, title, alert, children }: { kind: Exclude<Kind, "">; title?: string; alert?: boolean; children?: ComponentChildren }) {
  return (
    <section class={`card ${kind}`} role={alert ? "alert" : undefined}>
      {title && <h2>{title}</h2>}
      {children}
    </section>
  );
}

/** Nothing to show, and what can be done about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <section class="card empty">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

interface FieldProps {
  label: string;
  help?: string | undefined;
  fault?: string | undefined;
  children: (given: { id: string; "aria-describedby"?: string; "aria-invalid"?: "true" }) => ComponentChildren;
  id: string;
}

/** A field with its label, help and fault, tied together for screen readers. */
export function Field({ label, help, fault, id, children }: FieldProps) {
  const described = [help && `${id}-help`, fault && `${id}-fault`].filter(Boolean).join(" ");
  const given: { id: string; "aria-describedby"?: string; "aria-invalid"?: "true" } = { id };
  if (described) given["aria-describedby"] = described;
  if (fault) given["aria-invalid"] = "true";
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(given)}
      {help && <small id={`${id}-help`}>{help}</small>}
      {fault && <p class="fault" id={`${id}-fault`} role="alert">{fault}</p>}
    </div>
  );
}

/** Back to where one came from. */
export function Back({ to = "#/", label }: { to?: string; label?: string }) {
  return (
    <a class="button" href={to} onClick={(event) => { event.preventDefault(); back(to); }}>
      <span aria-hidden="true">‹</span> {label ?? t("nav.back")}
    </a>
  );
}

/** What is read from the store, read again at its changes; undefined until it is there. */
export function useStored<T>(read: () => Promise<T>, when: readonly Changed[], depends: readonly unknown[] = []): T | undefined {
  const [value, set] = useState<T | undefined>(undefined);
  useEffect(() => {
    let alive = true;
    const load = () => void read().then((found) => alive && set(() => found));
    load();
    const end = onChange((what) => when.includes(what) && load());
    return () => {
      alive = false;
      end();
    };
  }, depends);
  return value;
}
