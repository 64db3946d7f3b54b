/** What of a picture is seen: `x`, `y` (0…1 of it) is the point in the frame's middle; at zoom 1 all of it fits in. */
export interface Seen {
  zoom: number;
  x: number;
  y: number;
}

export interface Point {
  x: number;
  y: number;
}

/** Where the picture is drawn, zoom included, in pixels of the window. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export const FITTED: Seen = { zoom: 1, x: 0.5, y: 0.5 };
export const MOST_ZOOM = 16;
export const ZOOM_STEP = 1.4;

/** No further out than all of it, and never all of it out of the frame. */
export function bounded({ zoom, x, y }: Seen): Seen {
  const near = clamp(zoom, 1, MOST_ZOOM);
  const edge = 0.5 / near;
  return { zoom: near, x: clamp(x, edge, 1 - edge), y: clamp(y, edge, 1 - edge) };
}

/** Nearer by `factor`; the point `at` of the picture (0…1) stays where it is seen. */
export function zoomed(seen: Seen, factor: number, at: Point = seen): Seen {
  const zoom = clamp(seen.zoom * factor, 1, MOST_ZOOM);
  const share = seen.zoom / zoom;
  return bounded({ zoom, x: at.x + (seen.x - at.x) * share, y: at.y + (seen.y - at.y) * share });
}

/** Moved as if the picture was dragged by so many pixels. */
export function panned(seen: Seen, dx: number, dy: number, box: Box): Seen {
  if (!box.width || !box.height) return seen;
  return bounded({ ...seen, x: seen.x - dx / box.width, y: seen.y - dy / box.height });
}

/** The frame moves over the picture by this share of itself. */
export function shifted(seen: Seen, dx: number, dy: number): Seen {
  return bounded({ ...seen, x: seen.x + dx / seen.zoom, y: seen.y + dy / seen.zoom });
}

/** The picture's point (0…1) at a place of the window. */
export function pointAt(client: Point, box: Box): Point {
  if (!box.width || !box.height) return { x: 0.5, y: 0.5 };
  return { x: (client.x - box.left) / box.width, y: (client.y - box.top) / box.height };
}

/** How much nearer, from how a mouse wheel was turned; a turn back undoes it. */
export function wheelFactor(deltaY: number, deltaMode: number): number {
  const pixels = deltaMode === 0 ? deltaY : deltaY * 33; // lines or pages: one notch is about 100 pixels
  return Math.exp(-clamp(pixels, -200, 200) / 400);
}

/** How far two fingers are apart, and the place between them. */
export function pinch(one: Point, other: Point): { distance: number; middle: Point } {
  return {
    distance: Math.hypot(one.x - other.x, one.y - other.y),
    middle: { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 },
  };
}

/** For CSS; shares of the fitted picture's own size, so it holds in a frame of any size. */
export function transformOf({ zoom, x, y }: Seen): string {
  return `scale(${zoom}) translate(${(0.5 - x) * 100}%, ${(0.5 - y) * 100}%)`;
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
