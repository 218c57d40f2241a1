/** The exact request for the object in the form, to take along. */
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import { useEffect, useState } from "react";
import type { Config } from "../../api/config";
import { useLanguage } from "../../language";
import type { Values } from "../../objects/fields";
import { LANGUAGES, type Language, requestText } from "../../objects/requests";
import { useStored } from "../../stored";
import { Panel } from "../shared/Panel";

const COPIED_MS = 4000;

export function RequestText({ values, config }: { values: Values; config: Config }) {
  const { say } = useLanguage();
  const [language, setLanguage] = useStored<Language>("request", "curl");
  const [copied, setCopied] = useState(false);
  const text = requestText(language, values, config);

  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);

  return (
    <Panel title={say("request")}>
      <Tabs value={language} onChange={(_, chosen: Language) => setLanguage(chosen)} variant="scrollable" aria-label={say("request")}>
        {LANGUAGES.map((each) => (
          <Tab key={each} value={each} label={each} id={`request-${each}`} aria-controls="request-text" sx={{ minWidth: 72 }} />
        ))}
      </Tabs>
      <Box role="tabpanel" id="request-text" aria-labelledby={`request-${language}`}>
        <Box
          component="pre"
          tabIndex={0}
          sx={{ m: 0, my: 1.5, p: 1.5, borderRadius: 2, bgcolor: "action.hover", overflow: "auto", maxHeight: 280, fontSize: "0.8rem" }}
        >
          {text}
        </Box>
        <Button size="small" variant="outlined" onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}>
          {say("copy")}
        </Button>
        <Box component="span" role="status" sx={{ ml: 1.5, color: "text.secondary" }}>
          {copied ? say("copied") : ""}
        </Box>
      </Box>
    </Panel>
  );
}
