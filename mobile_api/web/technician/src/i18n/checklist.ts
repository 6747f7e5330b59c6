/** Texts of the checklist, photos, parts, findings and the departure. */
export const checklist = {
  "checklist.title": { zh: "检查表", en: "Checklist" },
} as const;
