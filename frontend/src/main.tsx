/** Starts the page. Styles made at run time carry the nonce that the page's policy asks for. */
import createCache from "@emotion/cache";
import { CacheProvider } from "@emotion/react";
import "@fontsource-variable/inter/index.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { loadConfig } from "./api/config";
import { completeSignIn } from "./api/signin";
import { LanguageProvider } from "./language";

const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce;
const cache = createCache({ key: "css", prepend: true, ...(nonce ? { nonce } : {}) });

void loadConfig().then(async (config) => {
  await completeSignIn(config.issuerUrl);
  createRoot(document.getElementById("root")!).render(
    <StrictMode>
      <CacheProvider value={cache}>
        <LanguageProvider>
          <App config={config} />
        </LanguageProvider>
      </CacheProvider>
    </StrictMode>,
  );
});
