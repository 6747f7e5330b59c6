import { expect, it } from "vitest";
import { keepSingle } from "../../src/store/db";
import { elevatorsAround } from "../../src/scan/around";

it("names the elevators around by all of their labels, also those that were replaced", async () => {
  const of = (id: string, elevator: string, state: string) => ({ id, elevator, state, registration_code: `R-${elevator}`, unit_name: elevator, site_name: "Tower" });
  await keepSingle("labels_around", { rows: [of("8KQ3T4ZV", "one", "active"), of("7KQ3T4ZV", "two", "active"), of("6KQ3T4ZV", "one", "replaced")], is_complete: true, etag: '"1"' });
  const found = await elevatorsAround();
  expect(found.map((elevator) => [elevator.id, elevator.labels])).toEqual([
    ["one", [{ id: "8KQ3T4ZV", state: "active", zone: "" }, { id: "6KQ3T4ZV", state: "replaced", zone: "" }]],
    ["two", [{ id: "7KQ3T4ZV", state: "active", zone: "" }]],
  ]);
});
