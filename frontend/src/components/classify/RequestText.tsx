/** The exact request for the object in the form, to take along. */
import Box from "@mui/material/Box";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import type { Config } from "../../api/config";
import { useLanguage } from "../../language";
import type { Values } from "../../objects/fields";
import { LANGUAGES, type Language, requestText } from "../../objects/requests";
import { linkHash } from "../../objects/link";
import { useStored } from "../../stored";
import { CopyButton } from "../shared/CopyButton";
import { Panel } from "../shared/Panel";

export function RequestText({ values, config }: { values: Values; config: Config }) {
  const { say } = useLanguage();
  const [language, setLanguage] = useStored<Language>("request", "curl");
  const text = requestText(language, values, config);

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
        <CopyButton name={say("copy")} text={() => text} />
        <CopyButton name={say("copyLink")} text={() => location.href.split("#")[0] + linkHash(values)} />
      </Box>
    </Panel>
  );
}
