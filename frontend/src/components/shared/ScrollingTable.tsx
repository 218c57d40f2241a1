import TableContainer from "@mui/material/TableContainer";
import type { SxProps, Theme } from "@mui/material/styles";
import type { ReactNode } from "react";

/** Shadows at the edges beyond which there is more: they lie still while covers of the paper's colour move with the table. */
const SHADOWS = {
  backgroundImage:
    "linear-gradient(to right, var(--table-cover) 40%, transparent), linear-gradient(to left, var(--table-cover) 40%, transparent)," +
    "linear-gradient(to right, rgba(90, 110, 150, 0.55), transparent), linear-gradient(to left, rgba(90, 110, 150, 0.55), transparent)",
  backgroundPosition: "left, right, left, right",
  backgroundRepeat: "no-repeat",
  backgroundSize: "32px 100%, 32px 100%, 12px 100%, 12px 100%",
  backgroundAttachment: "local, local, scroll, scroll",
} as const;

/** A table that may be wider than the page: reached by the keyboard, and it shows on which side it goes on. */
export function ScrollingTable({ children, sx }: { children: ReactNode; sx?: SxProps<Theme> }) {
  return (
    <TableContainer tabIndex={0} sx={[(theme) => ({ "--table-cover": theme.palette.background.paper, ...SHADOWS }), ...(Array.isArray(sx) ? sx : [sx])]}>
      {children}
    </TableContainer>
  );
}
