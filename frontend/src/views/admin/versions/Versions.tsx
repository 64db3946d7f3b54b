import { Boxes } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Empty } from "../../../ui/Empty";
import { Loading } from "../../../ui/Loading";
import { Trouble } from "../../../ui/Trouble";
import { useModelNames } from "../queries";
import { ModelCard } from "./ModelCard";

/** Which version of each model answers. */
export default function Versions() {
  const { t } = useTranslation();
  const { names, isPending, error, refetch } = useModelNames();
  return (
    <>
      <p className="quiet-text">{t("admin.versions.lead")}</p>
      {isPending && <Loading lines={6} />}
      <Trouble error={error} onRetry={() => void refetch()} />
      {!isPending && !error && names.length === 0 && <Empty icon={Boxes} title={t("admin.versions.none")} />}
      {names.map((model) => (
        <ModelCard key={model} model={model} />
      ))}
    </>
  );
}
