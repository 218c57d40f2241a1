import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";
import Typography from "@mui/material/Typography";
import type { Service } from "../../api/client";
import { useLanguage } from "../../language";
import type { Key } from "../../language/en";

interface Props {
  services: Service[];
  /** Whether this was so when it was last asked, and cannot be asked now. */
  stale: boolean;
}

/** Every protocol: its address, its state, how to call it. */
export function Protocols({ services, stale }: Props) {
  const { say } = useLanguage();
  return (
    <Box sx={{ display: "grid", gap: 2, opacity: stale ? 0.7 : 1, gridTemplateColumns: "repeat(auto-fit, minmax(min(16rem, 100%), 1fr))" }}>
      {services.map((each) => (
        <Box key={each.protocol} sx={{ minWidth: 0 }}>
          <Box sx={{ display: "flex", gap: 1, alignItems: "center" }}>
            <Typography variant="h3" component="h3">
              {each.protocol}
            </Typography>
            <Chip size="small" variant="outlined" color={each.state === "up" ? "success" : "warning"} label={say(each.state as Key)} />
          </Box>
          <Typography variant="body2" sx={{ overflowWrap: "anywhere" }}>
            {each.address}
          </Typography>
          <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: "anywhere" }}>
            {each.call}
          </Typography>
        </Box>
      ))}
    </Box>
  );
}
