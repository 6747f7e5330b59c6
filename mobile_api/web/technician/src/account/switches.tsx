/** Language and contrast: changed at once, remembered on this phone. */
import { useState } from "preact/hooks";
import { language, setLanguage, t } from "../i18n";
import { contrast, keepContrast } from "../store/settings";
import { useWatched } from "../ui/state";

export function Switches() {
  const chosen = useWatched(language);
  const [high, set] = useState(contrast() === "high");
  const turn = () => {
    const next = high ? "usual" : "high";
    keepContrast(next);
    document.documentElement.dataset["contrast"] = next;
    set(!high);
  };
  return (
    <section class="card">
      <div class="choice" role="group" aria-label={t("phone.language")}>
        <button class="button" type="button" lang="zh-CN" aria-pressed={chosen === "zh"} onClick={() => setLanguage("zh")}>中文</button>
        <button class="button" type="button" lang="en" aria-pressed={chosen === "en"} onClick={() => setLanguage("en")}>English</button>
      </div>
      <label class="check"><input type="checkbox" role="switch" checked={high} onChange={turn} /> {t("phone.contrast")}</label>
    </section>
  );
}
