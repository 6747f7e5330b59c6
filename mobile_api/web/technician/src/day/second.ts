/** Who is the second technician today: chosen once, taken by every arrival. */
import { announce } from "../store/changes";
import { keepSingle, readSingle } from "../store/db";
import type { Person, TechnicianDay } from "../store/types";

interface Chosen {
  day: string;
  technician: string | null;
}

/** The second technician of a day: as chosen, else the first crew mate where the rules ask for two. */
export async function secondOf(view: TechnicianDay): Promise<Person | null> {
  const chosen = await readSingle<Chosen>("second");
  const people = view.second_technicians;
  // Whom a colleague chose on this phone may be the one who signs in next: nobody is their own second.
  if (chosen?.day === view.day && chosen.technician !== view.technician.id) return people.find((person) => person.id === chosen.technician) ?? null;
  return view.minimum_technicians > 1 ? (people[0] ?? null) : null;
}

export async function chooseSecond(day: string, technician: string | null): Promise<void> {
  await keepSingle("second", { day, technician } satisfies Chosen);
  announce("days");
}
