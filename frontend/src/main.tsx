import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { preferred, speak } from "./i18n";
import { session } from "./session/session";
import "./styles/index.css";

const root = document.getElementById("root");
if (root) {
  void session.resume();
  await speak(preferred());
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
