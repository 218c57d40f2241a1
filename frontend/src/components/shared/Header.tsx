import DarkModeIcon from "@mui/icons-material/DarkModeOutlined";
import LightModeIcon from "@mui/icons-material/LightModeOutlined";
import AppBar from "@mui/material/AppBar";
import Box from "@mui/material/Box";
import IconButton from "@mui/material/IconButton";
import Link from "@mui/material/Link";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import Toolbar from "@mui/material/Toolbar";
import Typography from "@mui/material/Typography";
import { type Language, useLanguage } from "../../language";
import { SECTIONS, type Section } from "../../sections";
import type { Mode } from "../../theme";
import { SignIn } from "./SignIn";

interface Props {
  section: Section;
  mode: Mode;
  issuer: string;
  onToggleMode: () => void;
}

/** Name, ways to the sections, language and theme. */
export function Header({ section, mode, issuer, onToggleMode }: Props) {
  const { say } = useLanguage();
  return (
    <AppBar position="sticky" color="default" elevation={0} sx={{ bgcolor: "background.default", borderBottom: 1, borderColor: "divider" }}>
      <SkipLink />
      <Toolbar sx={{ flexWrap: "wrap", columnGap: 3, rowGap: 0.5, py: 1 }}>
        <Box sx={{ display: "flex", alignItems: "center", gap: 1, flexGrow: { xs: 1, md: 0 } }}>
          <Box component="img" src="/icon.svg" alt="" sx={{ width: 28, height: 28 }} />
          <Typography component="span" variant="h2">
            Stellar
          </Typography>
        </Box>
        <Ways section={section} />
        <Box sx={{ display: "flex", alignItems: "center", gap: 1, order: { xs: 1, md: 2 } }}>
          {issuer && <SignIn issuer={issuer} />}
          <LanguageChoice />
          <IconButton onClick={onToggleMode} aria-label={say(mode === "dark" ? "toLight" : "toDark")} color="inherit">
            {mode === "dark" ? <LightModeIcon /> : <DarkModeIcon />}
          </IconButton>
        </Box>
      </Toolbar>
    </AppBar>
  );
}

function Ways({ section }: { section: Section }) {
  const { say } = useLanguage();
  return (
    <Box component="nav" aria-label={say("sections")} sx={{ display: "flex", flexGrow: 1, minWidth: 0, overflowX: "auto", width: { xs: "100%", md: "auto" }, order: { xs: 2, md: 1 } }}>
      {SECTIONS.map((each) => (
        <Link
          key={each}
          href={`#/${each}`}
          aria-current={each === section ? "page" : undefined}
          underline="none"
          sx={{
            flexShrink: 0,
            whiteSpace: "nowrap",
            px: { xs: 0.75, sm: 1.5 },
            py: 0.75,
            borderRadius: 2,
            fontWeight: 600,
            fontSize: { xs: "0.8rem", sm: "0.92rem" },
            color: each === section ? "primary.main" : "text.secondary",
            bgcolor: each === section ? "action.selected" : "transparent",
            "&:hover": { color: "text.primary" },
          }}
        >
          {say(each)}
        </Link>
      ))}
    </Box>
  );
}

function LanguageChoice() {
  const { language, choose, say } = useLanguage();
  return (
    <ToggleButtonGroup
      exclusive
      size="small"
      value={language}
      onChange={(_, chosen: Language | null) => chosen && choose(chosen)}
      aria-label={say("language")}
    >
      <ToggleButton value="en" lang="en">
        EN
      </ToggleButton>
      <ToggleButton value="es" lang="es">
        ES
      </ToggleButton>
    </ToggleButtonGroup>
  );
}

/** Seen only when the keyboard reaches it. A button, for the address's hash tells the section. */
function SkipLink() {
  const { say } = useLanguage();
  return (
    <Box
      component="button"
      type="button"
      onClick={() => document.getElementById("main")?.focus()}
      sx={{ position: "absolute", left: 8, top: -60, p: 1, zIndex: 2, "&:focus": { top: 8 } }}
    >
      {say("skip")}
    </Box>
  );
}
