import { type RefObject, Suspense, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Redirect, Route, Switch } from "wouter";
import { navigate } from "wouter/use-browser-location";
import { useMe } from "../api/queries";
import { session } from "../session/session";
import { Loading } from "../ui/Loading";
import { Trouble } from "../ui/Trouble";
import { Arrival, type Place } from "./Arrival";
import { Broken } from "./Broken";
import { Forbidden } from "./Forbidden";
import { useTitle } from "./useTitle";
import { VIEWS, type View } from "./viewList";

const FIRST = "/analyse";

session.onEnd((wasIn) => wasIn && navigate(FIRST)); // in every tab the next person begins where everybody does

/** The view that the address names. */
export function Views() {
  const lastRef = useRef<Place>(null);
  return (
    <Switch>
      {VIEWS.map((view) => (
        <Route key={view.name} path={`/${view.name}/*?`}>
          <Shown view={view} lastRef={lastRef} />
        </Route>
      ))}
      <Route>
        <Redirect to={FIRST} replace />
      </Route>
    </Switch>
  );
}

function Shown({ view, lastRef }: { view: View; lastRef: RefObject<Place | null> }) {
  const { t } = useTranslation();
  const me = useMe();
  useTitle(t(`${view.name}.title`));
  if (view.isForAdmins && !me.data) return me.error ? <Trouble error={me.error} onRetry={() => void me.refetch()} /> : <Loading />;
  if (view.isForAdmins && me.data?.role !== "admin") return <Forbidden />;
  return (
    <Broken key={view.name}>
      <Suspense fallback={<Loading />}>
        <view.Content />
        <Arrival view={view.name} lastRef={lastRef} />
      </Suspense>
    </Broken>
  );
}
