import type { components } from "../../api/schema";
import { session } from "../../session/session";
import { type Analysis, type Findings, useAnalyses } from "../../stores/analyses";
import { type Complaint, type FileKind, type Refusal, type Repeat, useIntake } from "../../stores/intake";
import { complaintOf, digestOf } from "./files";
import { type Pixels, pixelsOf } from "./pixels";
import { measure, warningsOf } from "./quality";
import { queue } from "./running";

type PageSettings = components["schemas"]["PageSettings"];

export const MOST_FILES = 50;
export const MEGABYTE = 1024 * 1024;

/** What the gateway takes: the most bytes of a picture, and its kinds; as it ships until it has said so. */
export function rulesOf(settings: Pick<PageSettings, "max_image_size" | "supported_formats"> | undefined): Rules {
  const formats = settings?.supported_formats ?? ["jpg", "png"];
  return { limit: settings?.max_image_size ?? 10 * MEGABYTE, formats: formats.map((format) => (format === "jpg" ? "JPEG" : "PNG")) };
}

/** `limit`: bytes. `decode`: throws for what is no picture. */
export interface Rules {
  limit: number;
  formats: readonly FileKind[];
  decode?: (picture: Blob) => Promise<Pixels>;
}

let counted = 0;
let era = 0;
const nextId = () => (counted += 1);
session.onEnd(giveUp);

/** What is being looked at goes nowhere. */
export function giveUp(): void {
  era += 1;
}

/** Looks at each file, and gives the good ones to the queue for `model`; the others are in the store with the reason. */
export async function take(model: string, files: readonly File[], rules: Rules): Promise<void> {
  useIntake.setState({ tooMany: files.length > MOST_FILES ? files.length : 0 });
  if (files.length === 0 || files.length > MOST_FILES) return;
  useIntake.setState(({ checking }) => ({ checking: checking + files.length }));
  const theirs = era;
  let isFirst = true;
  for (const file of files) {
    const found = await look(model, file, rules);
    if (theirs !== era) return; // whoever gave it has left
    const added = keep(model, file, found);
    if (added && isFirst) useIntake.setState({ isAwaiting: true, since: added.addedAt });
    isFirst &&= !added;
    useIntake.setState(({ checking }) => ({ checking: checking - 1 }));
  }
}

type Found = { file: File; findings: Required<Findings> } | { complaint: Complaint; kind?: FileKind };

async function look(model: string, file: File, { limit, formats, decode = pixelsOf }: Rules): Promise<Found> {
  if (file.size > limit) return { complaint: "tooLarge" };
  const bytes = await bytesOf(file);
  if (!bytes) return { complaint: "unreadable" };
  const complaint = complaintOf(bytes, formats);
  if (complaint) return complaint;
  const copy = new File([bytes], file.name, { type: file.type }); // the file on the disk may change or go
  const pixels = await decode(copy).catch(() => null);
  if (!pixels) return { complaint: "damaged" };
  const warnings = warningsOf(model, measure(pixels.copy), pixels.width, pixels.height);
  return { file: copy, findings: { digest: digestOf(bytes), warnings } };
}

function keep(model: string, { name, size }: File, found: Found): Analysis | undefined {
  if ("complaint" in found) return refuse({ id: nextId(), name, size, kind: "other", ...found });
  const { file, findings } = found;
  const earlier = earlierOf(model, findings.digest);
  if (earlier) return repeat({ id: nextId(), model, file, earlier: earlier.id, findings });
  return enqueue(model, file, findings);
}

/** The analysis of this picture by this model, if there is one that was not given up. */
export function earlierOf(model: string, digest: string): Analysis | undefined {
  const given = useAnalyses.getState().items.filter((item) => item.model === model && item.digest === digest);
  return given.find((item) => item.state !== "failed" && item.state !== "cancelled");
}

/** Puts it into the queue, whatever there was before. */
export function enqueue(model: string, file: File, findings: Findings): Analysis {
  const [added] = useAnalyses.getState().add(model, [file], findings) as [Analysis];
  queue.pump();
  return added;
}

/** Sends a picture once more. */
export function again({ id, model, file, findings }: Repeat): void {
  useIntake.setState({ selected: enqueue(model, file, findings).id, isAwaiting: false });
  forgetRepeat(id);
}

export function forgetRepeat(id: number): void {
  useIntake.setState(({ repeats }) => ({ repeats: repeats.filter((one) => one.id !== id) }));
}

function repeat(one: Repeat): undefined {
  useIntake.setState(({ repeats }) => ({ repeats: [...repeats, one] }));
}

function refuse(one: Refusal): undefined {
  useIntake.setState(({ refusals }) => ({ refusals: [...refusals, one] }));
}

async function bytesOf(file: File): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    return null; // it is gone, or this page may not read it
  }
}
