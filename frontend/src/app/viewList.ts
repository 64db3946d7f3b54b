import { BookOpen, History, type LucideIcon, MessageCircle, ScanSearch, Settings, ShieldCheck, Waypoints } from "lucide-react";
import type { ComponentType } from "react";
import { later } from "./later";

export interface View {
  /** Also its key in the translations (`<name>.title`), and its address (`/<name>`). */
  name: "analyse" | "chat" | "history" | "system" | "models" | "admin" | "settings";
  icon: LucideIcon;
  /** For administrators only. */
  isForAdmins?: boolean;
  Content: ComponentType;
  /** Loads it before it is looked at. */
  load: () => Promise<unknown>;
}

/** Each is loaded when it is first looked at. An address below a view's own is the view's. */
export const VIEWS: readonly View[] = [
  { name: "analyse", icon: ScanSearch, ...later(() => import("../views/analyse")) },
  { name: "chat", icon: MessageCircle, ...later(() => import("../views/chat")) },
  { name: "history", icon: History, ...later(() => import("../views/history")) },
  { name: "system", icon: Waypoints, ...later(() => import("../views/system")) },
  { name: "models", icon: BookOpen, ...later(() => import("../views/models")) },
  { name: "admin", icon: ShieldCheck, ...later(() => import("../views/admin")), isForAdmins: true },
  { name: "settings", icon: Settings, ...later(() => import("../views/settings")) },
];
