import { useEffect } from "react";

export const APP_NAME: string = import.meta.env.VITE_APP_NAME ?? "DoctorAI";

/** What the tab is called while this view is shown. */
export function useTitle(view: string): void {
  useEffect(() => {
    document.title = `${view} · ${APP_NAME}`;
    return () => void (document.title = APP_NAME);
  }, [view]);
}
