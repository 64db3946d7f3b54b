import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { prefetchViews } from "./app/prefetch";
import { preferred, show } from "./i18n";
import { session } from "./session/session";
import "./styles/index.css";

const root = document.getElementById("root");
if (root) {
  prefetchViews();
  void session.resume();
  await show(preferred());
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
