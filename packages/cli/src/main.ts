/** The `cotton` executable. It becomes CommonJS in there: no top-level await, no import.meta. */
import { runCli } from './run.ts';

void runCli(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
