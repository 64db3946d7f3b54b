import { QueryClientProvider } from "@tanstack/react-query";
import { I18nProvider } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Loading } from "../ui/Loading";
import { Expired } from "../session/Expired";
import { SignIn } from "../session/SignIn";
import { useEra, useSession } from "../session/useSession";
import { Shell } from "./Shell";
import { Views } from "./Views";
import { queries } from "./queries";

export function App() {
  const { i18n } = useTranslation();
  const state = useSession();
  const era = useEra();
  const isIn = state === "signedIn" || state === "expired";
  return (
    <QueryClientProvider client={queries}>
      <I18nProvider locale={i18n.language}>
        <Shell isIn={isIn}>
          {state === "starting" && <Loading />}
          {state === "signedOut" && <SignIn />}
          {isIn && <Views key={era} />}
        </Shell>
        {isIn && <Expired key={`expired-${era}`} isOpen={state === "expired"} />}
      </I18nProvider>
    </QueryClientProvider>
  );
}
