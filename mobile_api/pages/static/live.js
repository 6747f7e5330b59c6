// Follows a page that changes by itself: fetches it again and puts in the part that changes, until it has come to rest.
(() => {
  const follow = async () => {
    const part = document.querySelector("[data-live]");
    if (!part) return;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.getElementById(part.id);
      if (!next || !next.hasAttribute("data-live")) {
        location.reload();
        return;
      }
      if (!part.contains(document.activeElement)) part.replaceWith(next);
      else part.querySelectorAll("progress").forEach((bar, i) => { const to = next.querySelectorAll("progress")[i]; if (to) bar.value = to.value; });
    } catch { /* the network is gone for a moment: try again */ }
    setTimeout(follow, Number(part.dataset.live));
  };
  const part = document.querySelector("[data-live]");
  if (part) setTimeout(follow, Number(part.dataset.live));
})();
