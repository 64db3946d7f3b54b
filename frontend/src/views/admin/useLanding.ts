import { useEffect, useRef, useState } from "react";

/** A heading, and a way to move the focus there once what had it has gone. */
export function useLanding() {
  const heading = useRef<HTMLHeadingElement>(null);
  const [landings, setLandings] = useState(0);
  useEffect(() => {
    if (landings) heading.current?.focus();
  }, [landings]);
  return { heading, land: () => setLandings((before) => before + 1) };
}
