import { Copy } from "../../ui/Copy";

/** A long id: it wraps, and can be copied. */
export function Id({ children, label }: { children: string; label: string }) {
  return (
    <span className="admin-id">
      <code dir="ltr">{children}</code>
      <Copy text={children} label={label} />
    </span>
  );
}
