// Passkeys (WebAuthn): the forms are shown where the browser can, and sent with what the authenticator signed.
(() => {
  const make = document.getElementById("passkey-add");
  const use = document.getElementById("passkey-sign-in");
  if (!("PublicKeyCredential" in window)) {
    const none = document.getElementById("passkey-none");
    if (none) none.hidden = false;
    return;
  }
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));
  const told = (credential, parts) => JSON.stringify({
    id: credential.id, rawId: text(credential.rawId), type: credential.type, clientExtensionResults: {},
    response: Object.fromEntries(parts.filter((part) => credential.response[part]).map((part) => [part, text(credential.response[part])])),
  });

  const asked = async (address, body) => {
    const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
    const found = await answer.json();
    if (!answer.ok) throw new Error(found.reason || found.detail);
    return found.public_key;
  };

  // The name of the address that passkeys belong to is not always the one that was opened: 127.0.0.1 instead of localhost.
  const elsewhere = (party) => {
    const here = location.hostname;
    if (here === party || here.endsWith(`.${party}`)) return "";
    return `${location.protocol}//${party}${location.port ? `:${location.port}` : ""}${location.pathname}`;
  };

  const prepare = (box, ask, answer) => {
    if (!box) return;
    const form = box.closest("form") || box.querySelector("form");
    const note = box.querySelector(".reason");
    box.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      note.hidden = true;
      const say = (reason) => { note.textContent = reason; note.hidden = false; };
      try {
        const options = await ask(form);
        const there = elsewhere(options.rpId || options.rp.id);
        if (there) return say(`${box.dataset.elsewhere} ${there}`);
        form.elements.credential.value = await answer(options).catch(() => { throw new Error(box.dataset.failed); });
        if (form.elements.password) form.elements.password.disabled = true; // it has been checked, and is not sent again
        form.submit();
      } catch (error) { say(error.message || box.dataset.failed); }
    });
  };

  prepare(make, (form) => asked("/account/passkeys/challenge", new URLSearchParams(new FormData(form))), async (options) => {
    const publicKey = {
      ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: named(options.excludeCredentials),
    };
    return told(await navigator.credentials.create({ publicKey }), ["clientDataJSON", "attestationObject"]);
  });
  prepare(use, () => asked("/api/v1/sessions/passkey-challenges"), async (options) => {
    const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) };
    return told(await navigator.credentials.get({ publicKey }), ["clientDataJSON", "authenticatorData", "signature", "userHandle"]);
  });
})();
