// Checks a bundle (docs/log.md) with nothing but the browser's own SHA-256 and Ed25519. It asks no server.
(() => {
  const FORMAT = "liftrounds-record-bundle/1", LEAF = "liftrounds-log-leaf/1", STATEMENT = "liftrounds-visit-statement/1";
  const HEX = /^[0-9a-f]{64}$/;
  const byId = (id) => document.getElementById(id);
  const words = byId("words").dataset;
  const encode = (text) => new TextEncoder().encode(text);
  const hex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
  const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
  const joined = (...parts) => {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) { whole.set(part, at); at += part.length; }
    return whole;
  };
  const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
  const refuse = (reason) => { throw new Error(reason); };

  // RFC 8785: what JSON.stringify writes, with the keys in order.
  const canonical = (value) => {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  };

  // Base 64 written in the one way that it is written.
  const unbase64 = (text) => {
    const raw = atob(text);
    if (btoa(raw) !== text) refuse("base 64");
    return Uint8Array.from(raw, (character) => character.charCodeAt(0));
  };

  const fields = (thing, needed, optional = []) => {
    if (thing === null || typeof thing !== "object" || Array.isArray(thing)) refuse("no object");
    const names = Object.keys(thing);
    if (needed.some((name) => !names.includes(name))) refuse("a field is missing");
    if (names.some((name) => !needed.includes(name) && !optional.includes(name))) refuse("an unknown field");
  };
  const whole = (value) => {
    if (typeof value === "number" && !Number.isSafeInteger(value)) refuse("a number that is not whole");
    if (value !== null && typeof value === "object") Object.values(value).forEach(whole);
  };
  const isHex = (value) => (typeof value === "string" && HEX.test(value)) || refuse("no hash");
  const isText = (value) => typeof value === "string" || refuse("no text");

  const read = (text) => {
    const found = JSON.parse(text);
    whole(found);
    fields(found, ["format", "leaf", "index", "proof", "checkpoint", "keys", "public"], ["record"]);
    if (found.format !== FORMAT || !Array.isArray(found.proof) || found.proof.length > 64 || !Array.isArray(found.keys)) refuse("no bundle");
    if (typeof found.index !== "number" || found.index < 0) refuse("no number");
    [found.leaf, found.checkpoint, ...found.keys].forEach(isText);
    found.proof.forEach(isHex);
    fields(found.public, ["salt", "statement"]);
    isHex(found.public.salt);
    fields(found.public.statement, ["format", "elevator", "visit", "version", "day", "maintenance_class", "counts"]);
    if (found.record === undefined) found.record = null;
    if (found.record !== null) {
      fields(found.record, ["salt", "sha256", "body"]);
      [found.record.salt, found.record.sha256].forEach(isHex);
      if (found.record.body === null || typeof found.record.body !== "object" || Array.isArray(found.record.body)) refuse("no body");
    }
    return found;
  };

  const leafOf = (text) => {
    try {
      const leaf = JSON.parse(text);
      fields(leaf, ["format", "public", "record"]);
      isHex(leaf.public);
      isHex(leaf.record);
      return leaf.format === LEAF && canonical(leaf) === text ? leaf : null;
    } catch { return null; }
  };

  // A C2SP signed note whose text is a C2SP checkpoint.
  const noteOf = (note) => {
    const cut = note.lastIndexOf("\n\n");
    if (cut < 0 || !note.endsWith("\n")) refuse("no note");
    const text = note.slice(0, cut + 1), lines = text.slice(0, -1).split("\n");
    if (lines.length < 3 || lines.some((line) => !line) || !/^(0|[1-9][0-9]{0,18})$/.test(lines[1])) refuse("no checkpoint");
    const root = unbase64(lines[2]);
    if (root.length !== 32) refuse("no root");
    const signatures = note.slice(cut + 2, -1).split("\n").map((line) => {
      const parts = /^\u2014 ([^\s+]+) (\S+)$/.exec(line) || refuse("no signature");
      const raw = unbase64(parts[2]);
      return { name: parts[1], id: hex(raw.slice(0, 4)), signature: raw.slice(4) };
    });
    return { text, origin: lines[0], size: BigInt(lines[1]), root, signatures };
  };

  const keyOf = async (text) => {
    const [name, id, ...rest] = text.trim().split("+");
    const raw = unbase64(rest.join("+"));
    if (!name || /\s/.test(name) || raw.length !== 33 || raw[0] !== 1) refuse("no key");
    if (hex((await sha256(encode(`${name}\n`), raw)).slice(0, 4)) !== id) refuse("no key");
    return { name, id, public: raw.slice(1), text: text.trim() };
  };

  // RFC 9162, section 2.1.3.2.
  const included = async (leafHash, index, size, proof, root) => {
    let fn = BigInt(index), sn = size - 1n, found = leafHash;
    if (fn > sn) return false;
    for (const sibling of proof) {
      if (sn === 0n) return false;
      if (fn & 1n || fn === sn) {
        found = await sha256(Uint8Array.of(1), sibling, found);
        while (!(fn & 1n) && fn) { fn >>= 1n; sn >>= 1n; }
      } else {
        found = await sha256(Uint8Array.of(1), found, sibling);
      }
      fn >>= 1n;
      sn >>= 1n;
    }
    return sn === 0n && hex(found) === hex(root);
  };

  // true, false, or null where the browser knows no Ed25519.
  const signed = async (note, keys) => {
    let by = null;
    for (const one of note.signatures) {
      const key = keys.find((known) => known.name === one.name && known.id === one.id);
      if (!key) continue;
      if (one.signature.length !== 64) return { holds: false };
      try {
        const loaded = await crypto.subtle.importKey("raw", key.public, { name: "Ed25519" }, false, ["verify"]);
        if (!await crypto.subtle.verify({ name: "Ed25519" }, loaded, one.signature, encode(note.text))) return { holds: false };
      } catch (error) {
        if (error.name === "NotSupportedError") return { holds: null, by: key };
        return { holds: false };
      }
      if (key.name === note.origin) by = by || key;
    }
    return { holds: by !== null, by };
  };

  const check = async (bundle, givenKey) => {
    const leaf = leafOf(bundle.leaf), { statement } = bundle.public, steps = [];
    if (bundle.record) {
      const { body, sha256: told, salt } = bundle.record;
      steps.push(["record", hex(await sha256(encode(canonical(body)))) === told]);
      steps.push(["commitment", leaf !== null && hex(await sha256(unhex(salt), unhex(told))) === leaf.record]);
      const says = {
        format: STATEMENT, elevator: body.elevator && body.elevator.registration_code, visit: body.visit, version: body.version,
        day: body.day, maintenance_class: body.maintenance_class, counts: body.counts,
      };
      steps.push(["agreement", canonical(says) === canonical(statement)]);
    }
    const opened = hex(await sha256(unhex(bundle.public.salt), encode(canonical(statement))));
    steps.push(["public", leaf !== null && statement.format === STATEMENT && opened === leaf.public]);
    let note = null, holds = false, by = null;
    try { note = noteOf(bundle.checkpoint); } catch { /* told by the steps below */ }
    const leafHash = await sha256(Uint8Array.of(0), encode(bundle.leaf));
    steps.push(["inclusion", note !== null && await included(leafHash, bundle.index, note.size, bundle.proof.map(unhex), note.root)]);
    if (note !== null) {
      try {
        const keys = givenKey ? [givenKey] : await Promise.all(bundle.keys.map(keyOf));
        ({ holds, by } = await signed(note, keys));
      } catch { /* a key that is none */ }
    }
    steps.push(["signature", holds]);
    return { steps, note, by };
  };

  const put = (parent, tag, text, kind) => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (kind) made.className = kind;
    parent.append(made);
    return made;
  };
  const say = (text, kind) => {
    byId("outcome").hidden = false;
    ["facts", "steps", "trust"].forEach((id) => byId(id).replaceChildren());
    document.querySelector("#outcome h2").hidden = true;
    byId("verdict").textContent = text;
    byId("verdict").className = `flash ${kind}`;
    byId("outcome").dataset.verdict = kind || "ok";
  };

  const show = (bundle, { steps, note, by }, givenKey) => {
    const bad = steps.some(([, holds]) => holds === false), unsure = steps.some(([, holds]) => holds === null);
    say(bad ? words.invalid : unsure ? words.unsigned : words.valid, bad ? "error" : unsure ? "warn" : "");
    document.querySelector("#outcome h2").hidden = false;
    const { statement } = bundle.public;
    const className = document.querySelector(`#words [data-class="${CSS.escape(String(statement.maintenance_class))}"]`);
    const facts = [
      [words.elevator, statement.elevator], [words.day, statement.day],
      [words.class, className ? className.textContent : statement.maintenance_class],
      [words.version, statement.counts ? statement.version : `${statement.version} (${words.withdrawn})`],
      [words.index, bundle.index], [words.size, note ? note.size : "–"], [words.origin, note ? note.origin : "–"],
    ];
    for (const [name, value] of facts) {
      const pair = put(byId("facts"), "div", "");
      put(pair, "dt", name);
      put(pair, "dd", String(value));
    }
    for (const [name, holds] of steps) {
      const told = document.querySelector(`#words [data-step="${name}"]`).dataset, line = put(byId("steps"), "li", "");
      line.dataset.step = name;
      put(line, "span", holds === null ? told.open : holds ? told.good : told.bad);
      put(line, "span", holds === null ? words.open : holds ? words.good : words.bad, `badge ${holds === null ? "warn" : holds ? "ok" : "bad"}`);
    }
    if (by) {
      byId("trust").textContent = givenKey ? words.given : words.bundled;
      put(byId("trust"), "code", by.text);
    }
  };

  const run = async (text) => {
    if (!globalThis.crypto || !crypto.subtle) return say(words.insecure, "warn");
    let givenKey = null, bundle;
    const typed = byId("key").value.trim();
    try { givenKey = typed ? await keyOf(typed) : null; } catch { return say(words.badkey, "error"); }
    try { bundle = read(text); } catch { return say(words.unreadable, "error"); }
    return show(bundle, await check(bundle, givenKey), givenKey);
  };

  const ask = async () => {
    const file = byId("file").files[0], given = byId("given");
    byId("outcome").hidden = true; // nobody shall take the last verdict for this one
    if (!file && !given) return say(words.nofile, "warn");
    return run(file ? await file.text() : given.textContent);
  };
  document.addEventListener("DOMContentLoaded", () => {
    byId("ask").hidden = false;
    byId("check").addEventListener("click", ask);
    byId("file").addEventListener("change", () => { if (byId("file").files[0]) ask(); });
    if (byId("given")) run(byId("given").textContent);
  });
})();
