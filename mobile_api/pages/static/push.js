// Subscribes this browser to pushes: the form is shown where the browser can, and sent with what the browser gives.
(() => {
  const form = document.getElementById("push");
  if (!form || !("serviceWorker" in navigator) || !("PushManager" in window)) return;
  form.hidden = false;
  const note = form.querySelector(".reason");
  const tell = (text) => { note.textContent = text; note.hidden = false; };
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  form.addEventListener("submit", async (event) => {
    if (form.elements.endpoint.value) return;
    event.preventDefault();
    if ((await Notification.requestPermission()) !== "granted") { tell(note.dataset.denied); return; }
    try {
      const worker = await navigator.serviceWorker.register("/inbox/worker.js", { scope: "/inbox/" });
      const ready = worker.active || await new Promise((resolve) => {
        const coming = worker.installing || worker.waiting;
        coming.addEventListener("statechange", () => { if (coming.state === "activated") resolve(coming); });
      });
      if (!ready) return;
      const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(form.dataset.key) });
      form.elements.endpoint.value = subscription.endpoint;
      form.elements.p256dh.value = text(subscription.getKey("p256dh"));
      form.elements.auth.value = text(subscription.getKey("auth"));
      form.submit();
    } catch { tell(note.dataset.failed); }
  });
})();
