import { create } from "zustand";
import { persist } from "zustand/middleware";

export type Theme = "system" | "light" | "dark";

interface Settings {
  theme: Theme;
  /** The number that this person wants to see in an emergency; empty: the operator's. */
  emergencyNumber: string;
  setTheme: (theme: Theme) => void;
  setEmergencyNumber: (number: string) => void;
}

/** What this browser keeps of how the page looks; nothing of a patient. */
export const useSettings = create<Settings>()(
  persist(
    (set) => ({
      theme: "system",
      emergencyNumber: "",
      setTheme: (theme) => set({ theme }),
      setEmergencyNumber: (emergencyNumber) => set({ emergencyNumber }),
    }),
    { name: "doctorai.settings" },
  ),
);

function paint({ theme }: Settings): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

paint(useSettings.getState());
useSettings.subscribe(paint);
