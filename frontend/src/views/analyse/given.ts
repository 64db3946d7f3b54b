import { useEffect, useEffectEvent, useRef } from "react";
import { type DropZoneProps, isDirectoryDropItem, isFileDropItem } from "react-aria-components";
import { isDialogOpen } from "./screen";

export type Dropped = Parameters<NonNullable<DropZoneProps["onDrop"]>>[0]["items"];
type Item = Dropped[number];
/** Not looked at further: somebody has dropped a whole disk. */
const MOST_SEEN = 500;

/** The files that were dropped, and the pictures in dropped folders, down to the last one. */
export async function filesOf(items: Iterable<Item> | AsyncIterable<Item>, isInFolder = false, found: File[] = []): Promise<File[]> {
  for await (const item of items) {
    if (found.length >= MOST_SEEN) break;
    if (isDirectoryDropItem(item)) await filesOf(item.getEntries() as AsyncIterable<Item>, true, found);
    else if (isFileDropItem(item) && (!isInFolder || item.type.startsWith("image/"))) found.push(await item.getFile());
  }
  return found;
}

/**
 * The files of the latest drop as the browser lists them: what is dragged out of another page is not among a drop zone's
 * items. A file that is dropped beside the view does not replace the page.
 */
export function useDropped(): () => File[] {
  const dropped = useRef<File[]>([]);
  useEffect(() => {
    const guard = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      if (event.type === "drop") dropped.current = [...event.dataTransfer.files];
    };
    const control = new AbortController();
    for (const type of ["dragover", "drop"] as const) window.addEventListener(type, guard, { signal: control.signal, capture: true });
    return () => control.abort();
  }, []);
  return () => dropped.current.splice(0);
}

/** Calls `take` with the pictures that are pasted anywhere but into a text field or a dialog. */
export function usePaste(take: (files: File[]) => void): void {
  const onPaste = useEffectEvent((event: ClipboardEvent) => {
    if (event.defaultPrevented || isText(event.target) || isDialogOpen()) return;
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    take(files);
  });
  useEffect(() => {
    const listener = (event: ClipboardEvent) => onPaste(event);
    window.addEventListener("paste", listener);
    return () => window.removeEventListener("paste", listener);
  }, []);
}

function isText(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA"].includes(target.tagName));
}
