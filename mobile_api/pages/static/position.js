// Adds where the phone is to a scan's form. Without it, or without leave, the form goes as it is: the position is then not known.
(() => {
  const form = document.querySelector("form[data-position]");
  if (!form || !navigator.geolocation) return;
  let sent = false;
  const put = (name, value) => {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value: String(value) });
    form.append(field);
  };
  form.addEventListener("submit", (event) => {
    if (sent) return;
    event.preventDefault();
    sent = true;
    form.querySelectorAll("button").forEach((button) => { button.disabled = true; });
    const go = () => form.submit();
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      put("lat", coords.latitude); put("lon", coords.longitude); put("accuracy_m", coords.accuracy);
      go();
    }, go, { enableHighAccuracy: true, timeout: 8000, maximumAge: 30000 });
  });
})();
