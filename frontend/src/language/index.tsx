/** The language of the page, chosen once and kept. */
import { type ReactNode, createContext, useContext, useEffect, useMemo } from "react";
import { useStored } from "../stored";
import { type Key, en } from "./en";
import { es } from "./es";

export type Language = "en" | "es";
export type Say = (key: Key, values?: Record<string, string | number>) => string;

interface Context {
  language: Language;
  choose: (language: Language) => void;
  say: Say;
}

const TEXTS = { en, es };
const LanguageContext = createContext<Context | null>(null);

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, choose] = useStored<Language>("language", navigator.language.startsWith("es") ? "es" : "en");
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = `Stellar: ${TEXTS[language].title}`;
  }, [language]);
  const context = useMemo<Context>(() => {
    const numbers = new Intl.NumberFormat(language, { useGrouping: "always" } as Intl.NumberFormatOptions);
    const text = (value: string | number) => (typeof value === "number" ? numbers.format(value) : value);
    const say: Say = (key, values = {}) => TEXTS[language][key].replace(/\{(\w+)\}/g, (_, name: string) => text(values[name] ?? ""));
    return { language, choose, say };
  }, [language, choose]);
  return <LanguageContext value={context}>{children}</LanguageContext>;
}

export function useLanguage(): Context {
  const context = useContext(LanguageContext);
  if (!context) throw new Error("useLanguage needs a LanguageProvider above");
  return context;
}
