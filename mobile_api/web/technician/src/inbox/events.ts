/** Server-sent events out of a stream of text. `EventSource` cannot send who asks, so they are read from a `fetch`. */

export interface ServerEvent {
  event: string;
  data: string;
}

/** Puts events together from pieces of text that end anywhere (HTML standard, 9.2.6). */
export class EventReader {
  /** The id of the last event that had one: what the stream is resumed by. */
  lastId = "";
  private rest = "";
  private event = "";
  private data: string[] = [];

  push(text: string): ServerEvent[] {
    const found: ServerEvent[] = [];
    // A lone CR at the end may be half of a CRLF: it waits for what comes next.
    const whole = this.rest + text;
    const held = whole.endsWith("\r") ? "\r" : "";
    const lines = (held ? whole.slice(0, -1) : whole).split(/\r\n|\r|\n/);
    this.rest = (lines.pop() ?? "") + held;
    for (const line of lines) {
      if (line !== "") this.take(line);
      else {
        if (this.data.length > 0) found.push({ event: this.event || "message", data: this.data.join("\n") });
        this.event = "";
        this.data = [];
      }
    }
    return found;
  }

  private take(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment: the heartbeat
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.data.push(value);
    else if (name === "event") this.event = value;
    else if (name === "id" && !value.includes("\0")) this.lastId = value;
  }
}
