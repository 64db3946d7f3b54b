import { Button, Label, ListBox, ListBoxItem, Popover, Select } from "react-aria-components";
import { SelectValue } from "react-aria-components";
import { ChevronDown } from "lucide-react";

interface Props<Value extends string> {
  label: string;
  value: Value | null;
  options: readonly { id: Value; text: string }[];
  onChange: (value: Value) => void;
  isDisabled?: boolean;
  /** Shown while nothing is chosen. */
  placeholder?: string;
}

/** One of a few. */
export function Choice<Value extends string>({ label, value, options, onChange, isDisabled = false, placeholder }: Props<Value>) {
  return (
    <Select
      className="field"
      value={value}
      onChange={(chosen) => chosen !== null && onChange(chosen as Value)}
      isDisabled={isDisabled}
      {...(placeholder && { placeholder })}
    >
      <Label>{label}</Label>
      <Button className="choice">
        <SelectValue />
        <ChevronDown aria-hidden size={16} />
      </Button>
      <Popover className="popover">
        <ListBox items={options.map((option) => ({ ...option }))} className="options">
          {(option) => (
            <ListBoxItem id={option.id} textValue={option.text} className="option">
              {option.text}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
