import { KeyRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../../ui/Button";
import { Empty } from "../../../ui/Empty";
import { Loading } from "../../../ui/Loading";
import { Trouble } from "../../../ui/Trouble";
import { Section } from "../Section";
import { type Key, useKeys } from "../queries";
import { useLanding } from "../useLanding";
import { KeyTable } from "./KeyTable";
import { MakeKey } from "./MakeKey";
import { Revoke } from "./Revoke";

/** The keys with which other programs ask. */
export default function Keys() {
  const { t } = useTranslation();
  const keys = useKeys();
  const { heading, land } = useLanding();
  const [done, setDone] = useState("");
  const [isMaking, setMaking] = useState(false);
  const [ending, setEnding] = useState<Key | null>(null);
  function made(name: string) {
    setMaking(false);
    setDone(t("admin.keys.madeDone", { name }));
  }
  function revoked(name: string) {
    setEnding(null);
    setDone(t("admin.keys.revoked", { name }));
    land();
  }
  const make = (
    <Button onPress={() => setMaking(true)}>
      <KeyRound aria-hidden size={18} />
      {t("admin.keys.make")}
    </Button>
  );
  return (
    <Section title={t("admin.keys.title")} lead={t("admin.keys.lead")} done={done} heading={heading} action={make}>
      {keys.isPending && <Loading />}
      <Trouble error={keys.error} onRetry={() => void keys.refetch()} />
      {keys.data?.length === 0 && <Empty icon={KeyRound} title={t("admin.keys.none")} text={t("admin.keys.noneText")} />}
      {keys.data && keys.data.length > 0 && <KeyTable keys={keys.data} at={keys.dataUpdatedAt} onRevoke={setEnding} />}
      {isMaking && <MakeKey onMade={made} onClose={() => setMaking(false)} />}
      {ending && <Revoke which={ending} onDone={revoked} onClose={() => setEnding(null)} />}
    </Section>
  );
}
