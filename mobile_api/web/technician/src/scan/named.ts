// What people call an elevator.

import type { DayElevator } from "../store/types";

export function named(elevator: Pick<DayElevator, "site_name" | "unit_name" | "registration_code">): string {
  const name = [elevator.site_name, elevator.unit_name].filter((part) => part !== "").join(" ");
  return name === "" ? elevator.registration_code : name;
}
