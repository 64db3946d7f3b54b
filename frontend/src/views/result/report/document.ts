import type { Prediction } from "../../../api/client";
import type { QualityWarning } from "../../../stores/analyses";

export interface ReportDocument {
  report: {
    format: 1;
    created: string;
    /** Of the page that made it. */
    page_version: string | null;
    /** Written by whoever made the report; it was never sent anywhere. */
    patient_reference: string | null;
    quality_warnings: readonly QualityWarning[];
  };
  /** The gateway's answer, as it came. */
  prediction: Prediction;
}

interface Made {
  prediction: Prediction;
  warnings: readonly QualityWarning[];
  reference: string;
  pageVersion: string | null;
  now?: Date;
}

export function reportDocument({ prediction, warnings, reference, pageVersion, now = new Date() }: Made): ReportDocument {
  return {
    report: {
      format: 1,
      created: now.toISOString(),
      page_version: pageVersion,
      patient_reference: reference.trim() || null,
      quality_warnings: warnings,
    },
    prediction,
  };
}

/** Names the request and its day, and no patient: file names are seen by many. */
export function fileName({ request_id, timestamp }: Prediction): string {
  const day = new Date(timestamp).toISOString().slice(0, 10);
  return `doctorai-${day}-${request_id.replace(/[^\w.-]/g, "_")}.json`;
}
