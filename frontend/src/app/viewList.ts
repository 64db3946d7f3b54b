import { BookOpen, History, type LucideIcon, MessageCircle, ScanSearch, Settings, ShieldCheck, Waypoints } from "lucide-react";
import { type ComponentType, type LazyExoticComponent, lazy } from "react";

export interface View {
  /** Also its key in the translations (`<name>.title`), and its address (`/<name>`). */
  name: "analyse" | "chat" | "history" | "system" | "models" | "admin" | "settings";
  icon: LucideIcon;
  /** For administrators only. */
  isForAdmins?: boolean;
  Content: LazyExoticComponent<ComponentType>;
}

/** Each is loaded when it is first looked at. An address below a view's own is the view's. */
export const VIEWS: readonly View[] = [
  { name: "analyse", icon: ScanSearch, Content: lazy(() => import("../views/analyse")) },
  { name: "chat", icon: MessageCircle, Content: lazy(() => import("../views/chat")) },
  { name: "history", icon: History, Content: lazy(() => import("../views/history")) },
  { name: "system", icon: Waypoints, Content: lazy(() => import("../views/system")) },
  { name: "models", icon: BookOpen, Content: lazy(() => import("../views/models")) },
  { name: "admin", icon: ShieldCheck, Content: lazy(() => import("../views/admin")), isForAdmins: true },
  { name: "settings", icon: Settings, Content: lazy(() => import("../views/settings")) },
];
