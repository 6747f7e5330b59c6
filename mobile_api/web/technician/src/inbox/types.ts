/** The inbox as the server tells it. */

export interface InboxItem {
  id: string;
  number: number;
  kind: string;
  title_zh: string;
  title_en: string;
  text_zh: string;
  text_en: string;
  urgent: boolean;
  link: string;
  subject: string;
  created_at: string;
  read_at: string | null;
  acknowledged_at: string | null;
}

export interface InboxPage {
  items: InboxItem[];
  next_cursor: string | null;
  unread: number;
  last_number: number;
  time_zone: string;
}

export type Mark = "read" | "acknowledge";

/** A message on the phone: whose it is, and what was tapped and not sent yet. */
export interface KeptMessage extends InboxItem {
  technician: string;
  mark: Mark | "";
}
