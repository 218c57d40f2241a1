import Box from "@mui/material/Box";
import CircularProgress from "@mui/material/CircularProgress";
import { useLanguage } from "../../language";

export function Loading() {
  const { say } = useLanguage();
  return (
    <Box sx={{ display: "flex", justifyContent: "center", p: 4 }}>
      <CircularProgress aria-label={say("loading")} />
    </Box>
  );
}
