export const MODELS = ["tumor", "xray", "monkeypox", "lung_colon", "palm_disease"] as const;
export const ACCEPTED = ["image/jpeg", "image/png"];
const MOST_BYTES = 10 * 1024 * 1024;

/** Why the gateway would not take the file, as one of its codes: said before it is sent. */
export function complaint(file: File): "UNSUPPORTED_FORMAT" | "PAYLOAD_TOO_LARGE" | "INVALID_IMAGE" | null {
  if (!ACCEPTED.includes(file.type)) return "UNSUPPORTED_FORMAT";
  if (file.size > MOST_BYTES) return "PAYLOAD_TOO_LARGE";
  return file.size === 0 ? "INVALID_IMAGE" : null;
}
