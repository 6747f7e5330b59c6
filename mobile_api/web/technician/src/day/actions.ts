/** What a technician may do with a stop or the day besides arriving. Start and pause stand on the day's page itself. An action that
is offered stands in `ACTIONS`; it is drawn by the stop's page, opens `#/stops/{work order}/{key}`, and asks the server. */
import type { ComponentType } from "preact";
import type { Key } from "../i18n";
import type { KeptDay } from "../store/types";
import { todayIn } from "../sync/refresh";
import { movable, OrderPage } from "./order_page";
import { RejectPage } from "./reject_page";
import type { StopNow } from "./standing";
import { SwapPage } from "./swap_page";

export interface StopAction {
  key: string;
  name: Key;
  /** Whether it makes sense now, for example a swap only before the arrival. */
  offered: (stop: StopNow, day: KeptDay) => boolean;
  /** Its page, below the stop's head. */
  page: ComponentType<{ stop: StopNow; day: KeptDay }>;
}

export interface DayAction {
  key: string;
  name: Key;
  offered: (day: KeptDay, stops: readonly StopNow[]) => boolean;
  /** Shown at `#/day/{day}/{key}`. */
  page: ComponentType<{ day: KeptDay; stops: readonly StopNow[] }>;
}

/** In the order in which they are shown. */
export const ACTIONS: readonly StopAction[] = [
  { key: "swap", name: "swap.name", offered: changeable, page: SwapPage },
  { key: "reject", name: "reject.name", offered: changeable, page: RejectPage },
];
export const DAY_ACTIONS: readonly DayAction[] = [
  { key: "order", name: "order.name", offered: (day, stops) => isToday(day) && movable(stops).length > 1, page: OrderPage },
];

/** A stop of today that nobody has begun. */
function changeable(now: StopNow, day: KeptDay): boolean {
  return isToday(day) && movable([now]).length === 1;
}

function isToday(day: KeptDay): boolean {
  return Boolean(day.view.changes) && day.day === todayIn(day.view.time_zone);
}
