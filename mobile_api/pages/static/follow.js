// Keeps the parts of a page that are marked data-follow up to date: the server says that there is news, the page is fetched
// again and its parts are put in. Clocks with data-due count down by the server's clock.
(() => {
  let stale = false;
  const busy = (part) => part.contains(document.activeElement) && /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
  const fresh = async () => {
    stale = false;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-follow]")) {
        const next = page.getElementById(part.id);
        if (busy(part) || part.querySelector("details[open]")) stale = true;
        else if (next) part.replaceWith(next);
      }
      began = performance.now();
    } catch { stale = true; /* the network is gone for a moment */ }
  };
  let began = performance.now();
  const tick = () => {
    for (const clock of document.querySelectorAll("[data-due]")) {
      const left = Math.trunc((Number(clock.dataset.due) - Number(clock.dataset.now) - (performance.now() - began)) / 1000);
      const seconds = Math.abs(left);
      clock.textContent = `${left < 0 ? "+" : ""}${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      const box = clock.closest(".rescue-clock");
      if (left < 0 && box && !box.classList.contains("late")) { box.classList.add("late"); fresh(); }
    }
  };
  setInterval(tick, 1000);
  setInterval(() => { if (stale) fresh(); }, 3000);
  const source = new EventSource("/live");
  let ready = 0;
  source.addEventListener("ready", () => { if (ready++) fresh(); });
  source.addEventListener("news", fresh);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) fresh(); });
})();
