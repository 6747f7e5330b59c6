/** A page whose program is loaded when it is first opened. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { Note } from "./parts";

type Load = () => Promise<{ default: ComponentType }>;

const loaded = new Map<Load, ComponentType>();

export function lazy(load: Load): ComponentType {
  return function Lazy() {
    const [found, set] = useState<ComponentType | null>(() => loaded.get(load) ?? null);
    const [failed, fail] = useState(false);
    useEffect(() => {
      if (found) return;
      load().then((module) => {
        loaded.set(load, module.default);
        set(() => module.default);
      }, () => fail(true));
    }, [failed]);
    if (found) {
      const Page = found;
      return <Page />;
    }
    if (!failed) return <p class="muted" role="status">{t("app.loading")}</p>;
    return <Note kind="bad" alert title={t("app.broken")}><button class="button" onClick={() => fail(false)}>{t("do.retry")}</button></Note>;
  };
}
