import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { prefetchViews } from "./app/prefetch";
import { begin, preferred } from "./i18n";
import { session } from "./session/session";
import "./styles/index.css";

const root = document.getElementById("root");
if (root) {
  prefetchViews();
  void session.resume();
  await begin(preferred());
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
