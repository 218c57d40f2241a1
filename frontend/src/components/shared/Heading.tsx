import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";

/** The name of a section, and one sentence on what it is for. */
export function Heading({ title, intro }: { title: string; intro: string }) {
  return (
    <Box sx={{ mb: 3 }}>
      <Typography variant="h1" gutterBottom>
        {title}
      </Typography>
      <Typography color="text.secondary">{intro}</Typography>
    </Box>
  );
}
