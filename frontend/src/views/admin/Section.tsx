import { type ReactNode, type RefObject } from "react";
import { Notice } from "../../ui/Notice";

interface Props {
  title: string;
  lead?: string;
  /** What was done last; read out when it changes. */
  done?: string;
  /** Where the focus goes when what had it is no longer there. */
  heading?: RefObject<HTMLHeadingElement | null>;
  /** Beside the heading. */
  action?: ReactNode;
  children: ReactNode;
}

/** A part of the administration. */
export function Section({ title, lead, done = "", heading, action, children }: Props) {
  return (
    <section className="card">
      <div className="row apart">
        <h3 ref={heading} tabIndex={-1} className="admin-heading">
          {title}
        </h3>
        {action}
      </div>
      {lead && <p className="quiet-text">{lead}</p>}
      <div role="status" className="admin-done">
        {done && <Notice tone="good">{done}</Notice>}
      </div>
      {children}
    </section>
  );
}
