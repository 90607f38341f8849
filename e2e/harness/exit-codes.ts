/** How `cotton` ends, as docs/reference/cli.md lists it: the stories hold the command to the page. */
export const EXIT_CODES_OF = {
  failed: 1,
  usage: 2,
  not_found: 3,
  timeout: 4,
  refused: 5,
  unreachable: 6,
  conflict: 7,
  not_possible: 8,
} as const;
