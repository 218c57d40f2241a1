import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useEffect, useState } from "react";
import { copyText } from "../../copy";
import { useLanguage } from "../../language";

const TOLD_MS = 4000;

/** Copies what `text` gives, and tells whether it was done. */
export function CopyButton({ name, text }: { name: string; text: () => string }) {
  const { say } = useLanguage();
  const [told, setTold] = useState<"copied" | "copyFailed" | null>(null);

  useEffect(() => {
    if (told !== "copied") return;
    const timer = setTimeout(() => setTold(null), TOLD_MS);
    return () => clearTimeout(timer);
  }, [told]);

  return (
    <span>
      <Button size="small" variant="outlined" onClick={() => void copyText(text()).then((done) => setTold(done ? "copied" : "copyFailed"))}>
        {name}
      </Button>
      <Box component="span" role="status" sx={{ mx: 1.5, color: "text.secondary" }}>
        {told ? say(told) : ""}
      </Box>
    </span>
  );
}
