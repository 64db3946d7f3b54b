import type { ReactNode } from "react";
import { FieldError, Input, Label, Text, TextArea, TextField, type TextFieldProps } from "react-aria-components";

interface Props extends Omit<TextFieldProps, "className" | "children"> {
  label: string;
  hint?: string;
  /** For names, numbers, addresses, whatever the page's language is. */
  dir?: "ltr" | "auto";
  lines?: number;
  placeholder?: string;
  /** Nobody else gets to see it: neither the browser's memory nor a spelling service, which some browsers send texts to. */
  isPrivate?: boolean;
  /** Beside the input, within its frame. */
  action?: ReactNode;
}

const PRIVATE = { spellCheck: "false", autoCorrect: "off", autoComplete: "off", autoCapitalize: "off" } as const;

/** A text field with its label, its hint, and what is wrong with it. */
export function Field({ label, hint, dir = "auto", lines = 1, placeholder = "", isPrivate = false, action, ...rest }: Props) {
  const secrecy = isPrivate ? PRIVATE : {};
  return (
    <TextField {...rest} {...secrecy} className="field">
      <Label>{label}</Label>
      <span className="field-input">
        {lines > 1 ? (
          <TextArea dir={dir} rows={lines} placeholder={placeholder} />
        ) : (
          <Input dir={dir} placeholder={placeholder} />
        )}
        {action}
      </span>
      {hint && <Text slot="description">{hint}</Text>}
      <FieldError />
    </TextField>
  );
}
