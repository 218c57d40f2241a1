/** The sections of the page, in the order of the navigation. */
export const SECTIONS = ["classify", "many", "history", "live", "system"] as const;
export type Section = (typeof SECTIONS)[number];

/** `#/many` → `many`; what follows a question mark belongs to the section. */
export function sectionOf(hash: string): Section {
  return SECTIONS.find((section) => hash.split("?")[0] === `#/${section}`) ?? "classify";
}
