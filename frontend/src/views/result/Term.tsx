import { CircleHelp } from "lucide-react";
import { Dialog, DialogTrigger, Heading, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";

export type TermName =
  | "calibrated"
  | "set"
  | "strangeness"
  | "uncertainty"
  | "heat"
  | "contributions"
  | "abstained"
  | "digest";

/** What a technical word means, in plain ones, for those who ask. */
export function Term({ name }: { name: TermName }) {
  const { t } = useTranslation();
  const word = t(`result.terms.${name}.word`);
  return (
    <DialogTrigger>
      <span className="term">
        <Button look="quiet" aria-label={t("result.terms.ask", { word })}>
          <CircleHelp aria-hidden size={16} />
        </Button>
      </span>
      <Popover className="popover term-text">
        <Dialog>
          <Heading slot="title">{word}</Heading>
          <p>{t(`result.terms.${name}.text`)}</p>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
