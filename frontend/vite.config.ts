/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv } from "vite";

// While developing, the page's own server (`stellar up`) still answers for the addresses and the live stream.
export default defineConfig(({ mode }) => {
  const pageServer = loadEnv(mode, ".", "VITE_")["VITE_PAGE_SERVER"] ?? "http://127.0.0.1:5174";
  return {
    plugins: [react()],
    // The page's server writes a nonce of its own over this mark at every visit.
    html: mode === "production" ? { cspNonce: "__CSP_NONCE__" } : {},
    build: { target: "es2023", assetsInlineLimit: 0, chunkSizeWarningLimit: 600 },
    worker: { format: "es" },
    server: { host: "127.0.0.1", port: 5173, proxy: { "/config.json": pageServer, "/running.json": pageServer, "/live": pageServer } },
    test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"] },
  };
});
