import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// In development the gateway is asked where it runs; in its container nginx does the same (deploy/nginx/frontend.conf).
const gateway = process.env.GATEWAY_URL ?? "http://127.0.0.1:8000";
const proxy = Object.fromEntries(["/api", "/v1", "/v2", "/docs", "/openapi.json"].map((path) => [path, gateway]));

export default defineConfig({
  plugins: [react(), { ...optimizeLocales.vite({ locales: ["en-US", "ar-AE"] }), enforce: "pre" }],
  cacheDir: process.env.VITE_CACHE ?? "node_modules/.vite",
  server: { port: 5173, strictPort: true, proxy },
  build: { target: "es2023", sourcemap: false },
  test: { environment: "happy-dom", setupFiles: "src/test/setup.ts", maxWorkers: "100%" },
});
