import { Download, Printer } from "lucide-react";
import { useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import type { Prediction } from "../../../api/client";
import { usePageSettings } from "../../../api/queries";
import { saveJson } from "../../../downloads";
import { Button } from "../../../ui/Button";
import { Dialog } from "../../../ui/Dialog";
import { Field } from "../../../ui/Field";
import type { QualityWarning } from "../../../stores/analyses";
import { fileName, reportDocument } from "./document";
import { Sheet } from "./Sheet";
import "./report.css";

interface Props {
  picture: string;
  /** As it came, for the file. */
  given: Prediction;
  /** As it is told, for the paper. */
  prediction: Prediction;
  warnings: readonly QualityWarning[];
  onClose: () => void;
}

/** A report to print or keep. The patient reference is in this dialog alone: it is neither sent nor stored. */
export function Report({ picture, given, prediction, warnings, onClose }: Props) {
  const { t } = useTranslation();
  const [reference, setReference] = useState("");
  const [made] = useState(() => new Date());
  const pageVersion = usePageSettings().data?.version ?? null;
  const sheet = <Sheet {...{ picture, prediction, warnings, reference, pageVersion, made }} />;
  const download = () => saveJson(fileName(given), reportDocument({ prediction: given, warnings, reference, pageVersion }));
  return (
    <Dialog title={t("result.report.title")} isOpen onClose={onClose} isWide>
      <Field
        label={t("result.report.reference")}
        hint={t("result.report.referenceHint")}
        value={reference}
        onChange={setReference}
        isPrivate
        maxLength={200}
      />
      <div className="row">
        <Button onPress={() => window.print()}>
          <Printer aria-hidden size={18} />
          {t("result.report.print")}
        </Button>
        <Button look="plain" onPress={download}>
          <Download aria-hidden size={18} />
          {t("result.report.download")}
        </Button>
      </div>
      <div className="report-preview" role="group" aria-label={t("result.report.preview")} tabIndex={0}>
        {sheet}
      </div>
      {createPortal(<div className="report-print">{sheet}</div>, document.body)}
    </Dialog>
  );
}
