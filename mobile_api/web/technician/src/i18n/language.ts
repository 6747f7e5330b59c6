/** The language chosen. Apart from the texts, because sending asks for it too. */
import type { Language } from "../store/settings";
import { watched, type Watched } from "../ui/watched";

export const language: Watched<Language> = watched<Language>("zh");
