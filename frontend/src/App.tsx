/** The frame of the page: where one is, theme and language, and the section chosen by the address's hash. */
import CssBaseline from "@mui/material/CssBaseline";
import Container from "@mui/material/Container";
import { ThemeProvider } from "@mui/material/styles";
import { Suspense, lazy, useCallback, useEffect, useMemo, useState } from "react";
import type { Config } from "./api/config";
import { ClassifyPage } from "./components/classify/ClassifyPage";
import { ErrorBoundary } from "./components/shared/ErrorBoundary";
import { Header } from "./components/shared/Header";
import { Loading } from "./components/shared/Loading";
import { SECTIONS, type Section } from "./sections";
import { useStored } from "./stored";
import { type Mode, makeTheme } from "./theme";

const ManyPage = lazy(() => import("./components/many/ManyPage"));
const HistoryPage = lazy(() => import("./components/history/HistoryPage"));
const LivePage = lazy(() => import("./components/live/LivePage"));
const SystemPage = lazy(() => import("./components/system/SystemPage"));

function sectionOf(hash: string): Section {
  return SECTIONS.find((section) => `#/${section}` === hash) ?? "classify";
}

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
  const toggle = useCallback(() => setMode((before) => (before === "dark" ? "light" : "dark")), [setMode]);
  return (
    <ThemeProvider theme={theme}>
      <CssBaseline />
      <Header section={section} mode={mode} onToggleMode={toggle} />
      <Container component="main" id="main" tabIndex={-1} maxWidth="xl" sx={{ py: 3, outline: "none" }}>
        <ErrorBoundary key={section}>
          <Suspense fallback={<Loading />}>
            {section === "classify" && <ClassifyPage config={config} />}
            {section === "many" && <ManyPage config={config} />}
            {section === "history" && <HistoryPage config={config} />}
            {section === "live" && <LivePage />}
            {section === "system" && <SystemPage config={config} />}
          </Suspense>
        </ErrorBoundary>
      </Container>
    </ThemeProvider>
  );
}
