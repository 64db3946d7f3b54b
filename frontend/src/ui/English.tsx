import type { ReactNode } from "react";

/** What the gateway says in English, whatever the page's language is. */
export function English({ children, small = false }: { children: ReactNode; small?: boolean }) {
  const Text = small ? "small" : "span";
  return (
    <Text lang="en" dir="ltr" className="english">
      {children}
    </Text>
  );
}
