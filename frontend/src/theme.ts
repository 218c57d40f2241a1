/** A dark sky and its day: colours, type and shape. The classes keep their colours in both. */
import { createTheme } from "@mui/material/styles";
import type { ClassName } from "./api/client";

export type Mode = "dark" | "light";

/** Told apart by people with any colour vision, and readable on the background of the mode. */
export const CLASS_COLOURS: Record<Mode, Record<ClassName, string>> = {
  dark: { GALAXY: "#8fb8ff", QSO: "#ffb454", STAR: "#7fe0b5" },
  light: { GALAXY: "#1f5fc4", QSO: "#a85a00", STAR: "#0b7a52" },
};

export function makeTheme(mode: Mode) {
  const dark = mode === "dark";
  return createTheme({
    palette: {
      mode,
      primary: { main: dark ? "#8fb8ff" : "#1f4fae" },
      background: dark ? { default: "#070b16", paper: "#0e1526" } : { default: "#f4f6fb", paper: "#ffffff" },
      text: dark ? { primary: "#e8edf8", secondary: "#a9b4cc" } : { primary: "#131a2b", secondary: "#4a5570" },
      divider: dark ? "rgba(143, 184, 255, 0.16)" : "rgba(31, 79, 174, 0.16)",
    },
    shape: { borderRadius: 12 },
    typography: {
      fontFamily: '"Inter Variable", system-ui, sans-serif',
      h1: { fontSize: "1.6rem", fontWeight: 650, letterSpacing: "-0.02em" },
      h2: { fontSize: "1.1rem", fontWeight: 600 },
      h3: { fontSize: "0.95rem", fontWeight: 600 },
      button: { textTransform: "none", fontWeight: 600 },
    },
    components: {
      MuiCssBaseline: {
        styleOverrides: {
          body: dark
            ? { backgroundImage: "radial-gradient(ellipse at 50% -20%, #1b2a52 0%, #070b16 60%)", backgroundRepeat: "no-repeat" }
            : {},
          "@media (prefers-reduced-motion: reduce)": { "*": { animation: "none !important", transition: "none !important" } },
        },
      },
      MuiPaper: { defaultProps: { variant: "outlined" }, styleOverrides: { root: { backgroundImage: "none" } } },
      MuiTextField: { defaultProps: { size: "small", fullWidth: true } },
      MuiButton: { defaultProps: { disableElevation: true } },
    },
  });
}
