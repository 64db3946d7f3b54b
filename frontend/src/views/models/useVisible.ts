import { type RefObject, useEffect, useState } from "react";

const AHEAD = "400px";

/** True from the moment that the element comes near to what is seen of the page, or the page is printed. */
export function useVisible(element: RefObject<Element | null>): boolean {
  const [isVisible, setVisible] = useState(typeof IntersectionObserver === "undefined");
  useEffect(() => {
    const show = () => setVisible(true);
    window.addEventListener("beforeprint", show);
    const observer = typeof IntersectionObserver === "undefined" ? null : observe(element.current, show);
    return () => {
      window.removeEventListener("beforeprint", show);
      observer?.disconnect();
    };
  }, [element]);
  return isVisible;
}

function observe(element: Element | null, show: () => void): IntersectionObserver {
  const observer = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && show(), { rootMargin: AHEAD });
  if (element) observer.observe(element);
  return observer;
}
