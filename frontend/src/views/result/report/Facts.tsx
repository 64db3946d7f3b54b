import { useTranslation } from "react-i18next";
import { useWords } from "../../../i18n/words";
import { Fact } from "../Fact";
import type { SheetProps } from "./Sheet";

/** Of whom, by what, when. */
export function Facts({ prediction, reference, pageVersion, made }: SheetProps) {
  const { t } = useTranslation();
  const words = useWords();
  return (
    <dl className="report-facts">
      <Reference reference={reference} />
      <Fact name={t("result.report.model")}>
        {words.model(prediction.model)}{" "}
        <code dir="ltr">
          {prediction.model} {prediction.model_version}
        </code>
      </Fact>
      <Fact name={t("result.details.when")}>{words.moment(prediction.timestamp)}</Fact>
      <Fact name={t("result.report.made")}>{words.moment(made)}</Fact>
      <Request prediction={prediction} />
      {prediction.model_digest && (
        <Fact name={t("result.details.digest")}>
          <code dir="ltr">{prediction.model_digest}</code>
        </Fact>
      )}
      {pageVersion && (
        <Fact name={t("result.report.page")}>
          <code dir="ltr">{pageVersion}</code>
        </Fact>
      )}
    </dl>
  );
}

/** Beside the signature: whose it is, should the sheets part. */
export function Whose({ prediction, reference }: Pick<SheetProps, "prediction" | "reference">) {
  return (
    <dl className="report-facts">
      <Reference reference={reference} />
      <Request prediction={prediction} />
    </dl>
  );
}

function Reference({ reference }: Pick<SheetProps, "reference">) {
  const { t } = useTranslation();
  return (
    <Fact name={t("result.report.reference")}>
      <strong dir="auto">{reference.trim() || t("result.report.none")}</strong>
    </Fact>
  );
}

function Request({ prediction }: Pick<SheetProps, "prediction">) {
  const { t } = useTranslation();
  return (
    <Fact name={t("result.details.request")}>
      <code dir="ltr">{prediction.request_id}</code>
    </Fact>
  );
}
