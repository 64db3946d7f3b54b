const matches = (query: string): boolean => window.matchMedia(query).matches;

/** The result is below the list, as analyse.css has it. */
export const isNarrow = (): boolean => matches("(max-width: 56rem)");
export const isPhone = (): boolean => matches("(max-width: 40rem)");

/** Somebody takes a photo, say, or writes a report. */
export const isDialogOpen = (): boolean => document.querySelector('[role="dialog"], [role="alertdialog"]') !== null;

/** How to scroll for those who want, or do not want, to see things move. */
export const motion = (): ScrollBehavior => (matches("(prefers-reduced-motion: reduce)") ? "auto" : "smooth");
