import { CircleAlert, CircleCheck, CircleDashed } from "lucide-react";

const ICONS = { good: CircleCheck, bad: CircleAlert, unknown: CircleDashed };

/** How something is: by shape and word, not by colour alone. */
export function Status({ is, children }: { is: keyof typeof ICONS; children: string }) {
  const Icon = ICONS[is];
  return (
    <span className={`status ${is}`}>
      <Icon aria-hidden size={16} />
      {children}
    </span>
  );
}
