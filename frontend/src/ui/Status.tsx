import { CircleAlert, CircleCheck, CircleDashed, TriangleAlert } from "lucide-react";

const ICONS = { good: CircleCheck, bad: CircleAlert, warning: TriangleAlert, unknown: CircleDashed };

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
