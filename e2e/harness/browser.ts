import { ensureChromium } from '@cotton/setup';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';

const LAUNCH_LIMIT_MS = 60_000;

/** A real browser without a window, or why there is none on this machine. */
export async function openBrowser(): Promise<Browser | string> {
  try {
    const { program, env } = await ensureChromium();
    return await chromium.launch({
      executablePath: program,
      env: { ...process.env, ...env } as Record<string, string>,
      // Its sandbox needs user namespaces, which containers and CI machines forbid; it visits our own page only.
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
      timeout: LAUNCH_LIMIT_MS,
    });
  } catch (error) {
    return `no browser here: ${(error as Error).message.split('\n')[0]}`;
  }
}
