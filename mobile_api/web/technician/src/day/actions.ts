/** What a technician may do with a stop besides arriving. The seams for pause, reject, swap and change of order: an action that
is offered stands in `ACTIONS`; it is drawn by the stop's page, opens `#/stops/{work order}/{key}`, and asks the server. */
import type { ComponentType } from "preact";
import type { Key } from "../i18n";
import type { KeptDay } from "../store/types";
import type { StopNow } from "./standing";

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
export const ACTIONS: readonly StopAction[] = [];
export const DAY_ACTIONS: readonly DayAction[] = [];
