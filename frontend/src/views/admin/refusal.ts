import { Refused } from "../../api/client";

const AT_FIELD = /^body\.([a-z_]+)(?:\.\d+)?: (.*)$/s;

/** What the gateway says is wrong with one of `fields`: by the field's name; null when it is about something else. */
export function refusedField(error: unknown, fields: readonly string[]): { field: string; why: string } | null {
  if (!(error instanceof Refused) || error.code !== "VALIDATION_ERROR") return null;
  const [, field = "", why = ""] = AT_FIELD.exec(error.message) ?? [];
  return fields.includes(field) ? { field, why } : null;
}
