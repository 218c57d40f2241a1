/** Starts and stops the feed of synthetic objects, at a chosen rate. */
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Slider from "@mui/material/Slider";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { type Stats, feed } from "../../api/live";
import { useLanguage } from "../../language";
import { useStored } from "../../stored";

const FASTEST = 500;

export function FeedControl({ stats }: { stats: Stats | null }) {
  const { say } = useLanguage();
  const [rate, setRate] = useStored("rate", 20);
  const [error, setError] = useState("");
  const feeding = stats?.feeding ?? false;

  async function set(wanted: number) {
    try {
      await feed(wanted);
      setError("");
    } catch (failure) {
      setError(say("failed", { reason: failure instanceof Error ? failure.message : String(failure) }));
    }
  }

  return (
    <>
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 3 }}>
        <Button variant={feeding ? "outlined" : "contained"} onClick={() => void set(feeding ? 0 : rate)}>
          {say(feeding ? "stopFeed" : "startFeed")}
        </Button>
        <Box sx={{ width: 260 }}>
          <Typography variant="body2" id="feed-rate">
            {say("feedRate")}: {rate}
          </Typography>
          <Slider
            size="small"
            aria-labelledby="feed-rate"
            min={1}
            max={FASTEST}
            value={rate}
            onChange={(_, value) => setRate(value as number)}
            onChangeCommitted={(_, value) => feeding && void set(value as number)}
          />
        </Box>
        <Typography variant="body2" color="text.secondary">
          {say("feedHelp")}
        </Typography>
      </Box>
      {error && <Alert severity="error">{error}</Alert>}
    </>
  );
}
