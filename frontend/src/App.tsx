/** The frame of the page: where one is, theme and language, and the section chosen by the address's hash. */
import CssBaseline from "@mui/material/CssBaseline";
import Container from "@mui/material/Container";
import { ThemeProvider } from "@mui/material/styles";
import { useCallback, useEffect, useMemo, useState } from "react";
import type { Config } from "./api/config";
import { ClassifyPage } from "./components/classify/ClassifyPage";
import { ErrorBoundary } from "./components/shared/ErrorBoundary";
import { Header } from "./components/shared/Header";
import { retried } from "./components/shared/retried";
import { useLanguage } from "./language";
import { type Section, sectionOf } from "./sections";
import { useStored } from "./stored";
import { type Mode, makeTheme } from "./theme";

const ManyPage = retried(() => import("./components/many/ManyPage"));
const HistoryPage = retried(() => import("./components/history/HistoryPage"));
const LivePage = retried(() => import("./components/live/LivePage"));
const SystemPage = retried(() => import("./components/system/SystemPage"));

function useSection(): Section {
  const [section, setSection] = useState(() => sectionOf(location.hash));
  useEffect(() => {
    const follow = () => setSection(sectionOf(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return section;
}

export function App({ config }: { config: Config }) {
  const [mode, setMode] = useStored<Mode>("theme", matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
  const theme = useMemo(() => makeTheme(mode), [mode]);
  const section = useSection();
  const { say } = useLanguage();
  useEffect(() => {
    document.title = `${say(section)} · Stellar`;
  }, [say, section]);
  const toggle = useCallback(() => setMode((before) => (before === "dark" ? "light" : "dark")), [setMode]);
  return (
    <ThemeProvider theme={theme}>
      <CssBaseline />
      <Header section={section} mode={mode} issuer={config.issuerUrl} onToggleMode={toggle} />
      <Container component="main" id="main" tabIndex={-1} maxWidth="xl" sx={{ py: 3, outline: "none" }}>
        <ErrorBoundary key={section}>
          {section === "classify" && <ClassifyPage config={config} />}
          {section === "many" && <ManyPage config={config} />}
          {section === "history" && <HistoryPage config={config} />}
          {section === "live" && <LivePage />}
          {section === "system" && <SystemPage config={config} />}
        </ErrorBoundary>
      </Container>
    </ThemeProvider>
  );
}
