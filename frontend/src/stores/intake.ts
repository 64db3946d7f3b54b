import { create } from "zustand";
import { session } from "../session/session";
import type { Findings } from "./analyses";

/** The kinds of file that the page tells apart; the models take the first two. */
export type FileKind = "JPEG" | "PNG" | "HEIC" | "AVIF" | "WebP" | "GIF" | "TIFF" | "BMP" | "DICOM" | "PDF" | "ZIP" | "other";

/** Why a file is not sent; the translations have a sentence for each. */
export type Complaint = "empty" | "tooLarge" | "kind" | "unknownKind" | "damaged" | "unreadable";

/** A file that is not sent, and why. */
export interface Refusal {
  id: number;
  name: string;
  complaint: Complaint;
  kind: FileKind;
  /** Bytes. */
  size: number;
}

/** A picture that this model was given before. */
export interface Repeat {
  id: number;
  model: string;
  file: File;
  /** The earlier analysis. */
  earlier: string;
  findings: Findings;
}

interface Intake {
  model: string | null;
  /** The analysis that is looked at. */
  selected: string | null;
  /** Given before it was said what is on them. */
  undecided: readonly File[];
  /** How many are being looked at. */
  checking: number;
  refusals: readonly Refusal[];
  repeats: readonly Repeat[];
  /** How many were given at once when that was too many, else 0. */
  tooMany: number;
  /** A folder was dropped that has no picture. */
  isEmpty: boolean;
  /** When pictures were given last. */
  since: number;
  /** The first of them that is done is to be looked at, unless somebody chooses another. */
  isAwaiting: boolean;
}

const NOTHING: Intake = {
  model: null,
  selected: null,
  undecided: [],
  checking: 0,
  refusals: [],
  repeats: [],
  tooMany: 0,
  isEmpty: false,
  since: 0,
  isAwaiting: false,
};

/** What the analyse view is about, kept while another one is shown. */
export const useIntake = create<Intake>(() => NOTHING);

session.onEnd(() => useIntake.setState(NOTHING, true));
