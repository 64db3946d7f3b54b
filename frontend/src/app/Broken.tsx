import { Unplug } from "lucide-react";
import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { forgetFailed } from "./later";
import { useOnline } from "./useOnline";

/** A view that fails, or cannot be loaded, takes nothing else with it. */
export class Broken extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(): void {
    forgetFailed();
  }

  override render(): ReactNode {
    return this.state.failed ? <Failed onRetry={() => this.setState({ failed: false })} /> : this.props.children;
  }
}

function Failed({ onRetry }: { onRetry: () => void }) {
  const { t } = useTranslation();
  const isOnline = useOnline();
  const said = isOnline ? { title: t("common.broken.title"), text: t("common.broken.text") } : { title: t("common.offline") };
  return (
    <Empty icon={Unplug} {...said}>
      <Button look="plain" onPress={onRetry}>
        {t("common.retry")}
      </Button>
    </Empty>
  );
}
