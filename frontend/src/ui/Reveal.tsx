import { Eye, EyeOff } from "lucide-react";
import { ToggleButton } from "react-aria-components";
import { useTranslation } from "react-i18next";

interface Props {
  isShown: boolean;
  onChange: (isShown: boolean) => void;
}

/** Shows the password that stands in a field. */
export function Reveal({ isShown, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <ToggleButton className="button quiet" isSelected={isShown} onChange={onChange} aria-label={t("session.show")}>
      {isShown ? <EyeOff aria-hidden size={18} /> : <Eye aria-hidden size={18} />}
    </ToggleButton>
  );
}
