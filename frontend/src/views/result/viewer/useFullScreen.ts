import { type RefObject, useEffect, useState } from "react";

export interface FullScreen {
  /** Not on every phone. */
  isPossible: boolean;
  isFull: boolean;
  toggle: () => void;
}

export function useFullScreen(element: RefObject<HTMLElement | null>): FullScreen {
  const [isFull, setFull] = useState(false);
  useEffect(() => {
    const look = () => setFull(document.fullscreenElement !== null && document.fullscreenElement === element.current);
    document.addEventListener("fullscreenchange", look);
    return () => document.removeEventListener("fullscreenchange", look);
  }, [element]);
  const toggle = () => {
    const turned = isFull ? document.exitFullscreen() : element.current?.requestFullscreen();
    turned?.catch(() => undefined); // the browser does not want to: nothing is lost
  };
  return { isPossible: document.fullscreenEnabled, isFull, toggle };
}
