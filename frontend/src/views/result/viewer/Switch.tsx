import { Check } from "lucide-react";
import { Checkbox } from "react-aria-components";

interface Props {
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  children: string;
}

export function Switch({ isOn, onChange, children }: Props) {
  return (
    <Checkbox className="check" isSelected={isOn} onChange={onChange}>
      <span className="box" aria-hidden>
        {isOn && <Check size={14} strokeWidth={3} />}
      </span>
      {children}
    </Checkbox>
  );
}
