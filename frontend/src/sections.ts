/** The sections of the page, in the order of the navigation. */
export const SECTIONS = ["classify", "many", "history", "live", "system"] as const;
export type Section = (typeof SECTIONS)[number];
