/** The language of the page, chosen once and kept. */
import { type ReactNode, createContext, useContext, useEffect, useMemo } from "react";
import { useStored } from "../stored";
import { type Key, en } from "./en";
import { es } from "./es";

export type Language = "en" | "es";
/** Text of the page; `{name}` and `{name, plural, one {# row} other {# rows}}` (ICU) stand for values. */
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
  }, [language]);
  const context = useMemo<Context>(() => {
    const format = formatter(language);
    const say: Say = (key, values = {}) => format(TEXTS[language][key], values);
    return { language, choose, say };
  }, [language, choose]);
  return <LanguageContext value={context}>{children}</LanguageContext>;
}

export function useLanguage(): Context {
  const context = useContext(LanguageContext);
  if (!context) throw new Error("useLanguage needs a LanguageProvider above");
  return context;
}

const PLURAL = /\{(\w+), plural, one \{([^{}]*)\} other \{([^{}]*)\}\}/g;

/** Fills the values of a language into texts: numbers grouped, plurals by the language's rules. */
export function formatter(language: Language): (text: string, values: Record<string, string | number>) => string {
  const numbers = new Intl.NumberFormat(language, { useGrouping: "always" } as Intl.NumberFormatOptions);
  const plurals = new Intl.PluralRules(language);
  const written = (value: string | number) => (typeof value === "number" ? numbers.format(value) : value);
  return (text, values) =>
    text
      .replace(PLURAL, (_, name: string, one: string, other: string) => {
        const count = Number(values[name] ?? 0);
        return (plurals.select(count) === "one" ? one : other).replace("#", written(count));
      })
      .replace(/\{(\w+)\}/g, (_, name: string) => written(values[name] ?? ""));
}
