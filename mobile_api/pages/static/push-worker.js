// Shows pushes of the office's and owners' pages; a tap opens what the push is about.
self.addEventListener("push", (event) => {
  let told = {};
  try { told = event.data.json(); } catch { /* a push without content */ }
  event.waitUntil(self.registration.showNotification(told.title || "Liftrounds", {
    body: told.text || "", tag: told.message, renotify: Boolean(told.urgent), requireInteraction: Boolean(told.urgent),
    icon: "/static/icon.svg", data: { link: told.link || "/inbox" },
  }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const to = new URL(event.notification.data.link, self.location.origin);
  event.waitUntil(self.clients.openWindow(to.origin === self.location.origin ? to.href : "/inbox"));
});
