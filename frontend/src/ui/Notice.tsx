import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

const ICONS = { info: Info, good: CircleCheck, warning: TriangleAlert, bad: CircleAlert };

interface Props {
  tone?: keyof typeof ICONS;
  /** Read out at once. */
  isAlert?: boolean;
  children: ReactNode;
}

export function Notice({ tone = "info", isAlert = false, children }: Props) {
  const Icon = ICONS[tone];
  return (
    <div className={`notice ${tone}`} role={isAlert ? "alert" : undefined}>
      <Icon aria-hidden size={20} />
      <div>{children}</div>
    </div>
  );
}
