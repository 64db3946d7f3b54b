import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

interface Props {
  icon: LucideIcon;
  title: string;
  text?: string;
  children?: ReactNode;
}

/** Where there is nothing yet: what will be there, and how to get it. */
export function Empty({ icon: Icon, title, text, children }: Props) {
  return (
    <div className="empty">
      <Icon aria-hidden size={36} strokeWidth={1.5} />
      <p className="empty-title">{title}</p>
      {text && <p>{text}</p>}
      {children}
    </div>
  );
}
