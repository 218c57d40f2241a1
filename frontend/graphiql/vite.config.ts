import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile";

// Into the function's folder: a Lambda function has no other place for what it serves.
export default defineConfig({
  plugins: [react(), viteSingleFile()],
  build: {
    target: "es2023",
    outDir: "../../functions/graphql",
    emptyOutDir: false,
    chunkSizeWarningLimit: 2000,
    rollupOptions: { input: "graphiql.html" },
  },
});
