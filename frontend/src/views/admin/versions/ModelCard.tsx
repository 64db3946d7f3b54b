import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../../ui/Button";
import { English } from "../../../ui/English";
import { Loading } from "../../../ui/Loading";
import { Notice } from "../../../ui/Notice";
import { Trouble } from "../../../ui/Trouble";
import { useModelName } from "../names";
import { useLanding } from "../useLanding";
import { ConfirmChange } from "./ConfirmChange";
import { Instances } from "./Instances";
import { VersionTable } from "./VersionTable";
import type { ModelVersions } from "./following";
import { type Change, useVersions } from "./useVersions";

/** One model: its versions, and who serves which. */
export function ModelCard({ model }: { model: string }) {
  const name = useModelName()(model);
  const { versions, change, since } = useVersions(model);
  const { heading, land } = useLanding();
  const [wanted, setWanted] = useState<Change | null>(null);
  const doc = versions.data;
  function close() {
    setWanted(null);
    change.reset();
  }
  function confirm() {
    if (!wanted) return;
    change.mutate(wanted, {
      onSuccess: () => {
        close();
        land(); // the button that was pressed may have gone
      },
    });
  }
  return (
    <section className="card" aria-label={name}>
      <div className="row apart">
        <h3 ref={heading} tabIndex={-1} className="admin-heading">
          {name}
        </h3>
        {doc && <RollBack doc={doc} name={name} onPress={() => setWanted({ kind: "rollback" })} />}
      </div>
      {versions.isPending && <Loading />}
      <Trouble error={versions.error} onRetry={() => void versions.refetch()} />
      {doc && (
        <>
          <WhyNot doc={doc} />
          <VersionTable doc={doc} name={name} onActivate={(version) => setWanted({ kind: "activate", version })} />
          <Instances doc={doc} since={since} now={versions.dataUpdatedAt} />
        </>
      )}
      {doc && wanted && (
        <ConfirmChange
          kind={wanted.kind}
          version={wanted.kind === "activate" ? wanted.version : (doc.previous ?? "")}
          model={name}
          isPending={change.isPending}
          error={change.error}
          onConfirm={confirm}
          onClose={close}
        />
      )}
    </section>
  );
}

function RollBack({ doc, name, onPress }: { doc: ModelVersions; name: string; onPress: () => void }) {
  const { t } = useTranslation();
  const { previous, writable } = doc;
  const action = previous ? t("admin.versions.rollbackTo", { version: previous }) : t("admin.versions.noPrevious");
  return (
    <Button
      look="plain"
      isDisabled={!previous || !writable}
      onPress={onPress}
      aria-label={t("admin.versions.rollbackOf", { action, model: name })}
    >
      {action}
    </Button>
  );
}

function WhyNot({ doc }: { doc: ModelVersions }) {
  const { t } = useTranslation();
  if (doc.writable) return null;
  return (
    <Notice tone="warning">
      <p>{t("admin.versions.notWritable")}</p>
      {doc.why_not && <English small>{doc.why_not}</English>}
    </Notice>
  );
}
