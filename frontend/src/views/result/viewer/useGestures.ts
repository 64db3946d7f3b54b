import { type Dispatch, type KeyboardEvent, type PointerEvent, type RefObject, type SetStateAction, useEffect, useRef } from "react";
import { FITTED, type Point, type Seen, ZOOM_STEP, panned, pinch, pointAt, shifted, wheelFactor, zoomed } from "./geometry";
import { type Levels, dragged } from "./levels";

interface Options {
  frame: RefObject<HTMLElement | null>;
  /** The picture as it is drawn. */
  stage: RefObject<HTMLElement | null>;
  setSeen: Dispatch<SetStateAction<Seen>>;
  setLevels: Dispatch<SetStateAction<Levels>>;
}

/** Which way an arrow moves what is seen; the picture has no reading direction. */
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-0.1, 0],
  ArrowRight: [0.1, 0],
  ArrowUp: [0, -0.1],
  ArrowDown: [0, 0.1],
};

/** Wheel, mouse, fingers and keys on a picture. */
export function useGestures({ frame, stage, setSeen, setLevels }: Options) {
  useWheel(frame, stage, setSeen);
  const fingers = useRef(new Map<number, Point>());
  const isLevelling = useRef(false);

  function down(event: PointerEvent<HTMLElement>): void {
    if (event.button === 1) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    isLevelling.current = event.button === 2 || event.shiftKey;
    fingers.current.set(event.pointerId, at(event));
  }

  function move(event: PointerEvent<HTMLElement>): void {
    const before = fingers.current.get(event.pointerId);
    const box = stage.current?.getBoundingClientRect();
    if (!before || !box) return;
    const now = at(event);
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    const still = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1];
    fingers.current.set(event.pointerId, now);
    if (still) setSeen(pinched(still, before, now, box));
    else if (isLevelling.current) setLevels((levels) => dragged(levels, dx, dy));
    else setSeen((seen) => panned(seen, dx, dy, box));
  }

  function up(event: PointerEvent<HTMLElement>): void {
    fingers.current.delete(event.pointerId);
  }

  function press(event: KeyboardEvent<HTMLElement>): void {
    const change = changeOf(event.key);
    if (!change || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    setSeen(change);
  }

  return {
    onPointerDown: down,
    onPointerMove: move,
    onPointerUp: up,
    onPointerCancel: up,
    onKeyDown: press,
    onContextMenu: (event: { preventDefault: () => void }) => event.preventDefault(), // the right button has its own use
  };
}

function at(event: { clientX: number; clientY: number }): Point {
  return { x: event.clientX, y: event.clientY };
}

function pinched(still: Point, before: Point, now: Point, box: DOMRect): (seen: Seen) => Seen {
  const was = pinch(still, before);
  const is = pinch(still, now);
  const factor = was.distance > 0 ? is.distance / was.distance : 1;
  return (seen) => {
    const near = zoomed(seen, factor, pointAt(was.middle, box));
    return panned(near, is.middle.x - was.middle.x, is.middle.y - was.middle.y, box);
  };
}

/** What a key does; null: nothing. */
export function changeOf(key: string): ((seen: Seen) => Seen) | null {
  const arrow = ARROWS[key];
  if (arrow) return (seen) => shifted(seen, ...arrow);
  if (key === "+" || key === "=") return (seen) => zoomed(seen, ZOOM_STEP);
  if (key === "-" || key === "_") return (seen) => zoomed(seen, 1 / ZOOM_STEP);
  return key === "0" ? () => FITTED : null;
}

/** The page still scrolls over a picture that nobody has clicked; Ctrl, as a touchpad's pinch says it, zooms always. */
function useWheel(
  frame: RefObject<HTMLElement | null>,
  stage: RefObject<HTMLElement | null>,
  setSeen: Dispatch<SetStateAction<Seen>>,
): void {
  useEffect(() => {
    const element = frame.current;
    const turn = (event: WheelEvent) => {
      const box = stage.current?.getBoundingClientRect();
      if (!box || !(event.ctrlKey || element?.contains(document.activeElement))) return;
      event.preventDefault();
      const place = pointAt(at(event), box);
      setSeen((seen) => zoomed(seen, wheelFactor(event.deltaY, event.deltaMode), place));
    };
    element?.addEventListener("wheel", turn, { passive: false }); // React's own is passive
    return () => element?.removeEventListener("wheel", turn);
  }, [frame, stage, setSeen]);
}
