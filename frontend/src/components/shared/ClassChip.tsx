import Box from "@mui/material/Box";
import { useTheme } from "@mui/material/styles";
import type { ClassName } from "../../api/client";
import { useLanguage } from "../../language";
import { CLASS_COLOURS } from "../../theme";

/** A class by colour and name. */
export function ClassChip({ label }: { label: string }) {
  const { palette } = useTheme();
  const { say } = useLanguage();
  const name = label as ClassName;
  return (
    <Box component="span" sx={{ color: CLASS_COLOURS[palette.mode][name], fontWeight: 600, whiteSpace: "nowrap" }}>
      {say(name)}
    </Box>
  );
}
