// Adds where the phone is to a scan's form. Without it, or without leave, the form goes as it is: the position is then not known.
(() => {
  const form = document.querySelector("form[data-position]");
  if (!form || !navigator.geolocation) return;
  const patience = 10000; // milliseconds; the browser's own limit does not count while it waits for the user's leave
  let asked = false, sent = false;
  const send = () => { if (!sent) { sent = true; form.submit(); } };
  const put = (name, value) => {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value: String(value) });
    form.append(field);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (asked) return;
    asked = true;
    form.querySelectorAll("button").forEach((button) => { button.disabled = true; });
    setTimeout(send, patience);
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      if (!sent) { put("lat", coords.latitude); put("lon", coords.longitude); put("accuracy_m", coords.accuracy); }
      send();
    }, send, { enableHighAccuracy: true, timeout: patience, maximumAge: 30000 });
  });
})();
