/** The dashboard in a real browser, used as a person does. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { untilGone } from '../harness/cluster.ts';
import { openBrowser } from '../harness/browser.ts';
import { useStack } from '../harness/use-stack.ts';

const SERVES_MS = 150_000;
const PHONE = { width: 390, height: 844 };
const stack = useStack({ local: { agents: 2 } });
let browser: Browser | string;
let page: Page;
/** What the browser itself complained about. */
let complaints: string[];

beforeAll(async () => {
  browser = await openBrowser();
}, 300_000);

beforeEach(async (context) => {
  if (typeof browser === 'string') return context.skip(browser);
  page = await browser.newPage();
  complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A refused request is the server's answer, not the page's mistake.
    const isRefusal = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isRefusal) complaints.push(message.text());
  });
  await page.goto(`${stack().api}/`);
});

afterEach(async () => {
  await page?.close();
  expect(complaints ?? []).toEqual([]);
});

afterAll(async () => {
  if (browser && typeof browser !== 'string') await browser.close();
});

it('says that there is no cluster, and refuses a bad name before anything is made', async () => {
  await page.getByTestId('no-clusters').getByRole('link').click();
  await page.getByTestId('field-name').fill('../x');
  await page.getByTestId('field-cluster_user').fill('tenant');
  await page.getByTestId('create-submit').click();
  await page.getByTestId('error-name').waitFor();
  expect((await stack().client.list()).clusters).toEqual([]);
});

it('creates a cluster, follows it live, scales it and deletes it', async () => {
  await createFromThePage('web');
  const password = await page.getByTestId('created-password').innerText();
  await page.getByTestId('created-open').click();
  await badge('HEALTHY').waitFor({ timeout: SERVES_MS });
  expect(await page.getByTestId('topology').innerText()).toContain('web-0');

  await page.getByTestId('scale-nodes').fill('2');
  await page.getByTestId('scale-submit').click();
  await page.getByTestId('topology').getByText('web-1').first().waitFor();
  await page.getByText('2 of 2 members serve').waitFor({ timeout: SERVES_MS });

  await page.getByTestId('hold-submit').click();
  await page.getByTestId('hold').waitFor();
  await page.getByTestId('hold-submit').click();
  await page.getByTestId('switchover-submit').click({ timeout: SERVES_MS });
  await page.getByTestId('transition').filter({ hasText: 'web-0 → web-1' }).getByText('ok').waitFor({
    timeout: SERVES_MS,
  });
  await badge('HEALTHY').waitFor({ timeout: SERVES_MS });

  await deleteFromThePage('wrong password');
  await page.getByTestId('delete-error').waitFor();
  expect((await stack().client.get('web')).state).not.toBe('DELETING');
  await page.getByTestId('delete-password').fill(password);
  await page.getByTestId('delete-submit').click();
  await page.getByTestId('gone').waitFor({ timeout: SERVES_MS });
  await untilGone(stack(), 'web');
}, 400_000);

it('fits on a phone: nothing has to be scrolled sideways', async () => {
  await page.setViewportSize(PHONE);
  for (const hash of ['#/', '#/create']) {
    await page.goto(`${stack().api}/${hash}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(PHONE.width);
  }
});

async function createFromThePage(name: string): Promise<void> {
  await page.goto(`${stack().api}/#/create`);
  const fields = { name, cluster_user: 'tenant', num_nodes: '1', cpus: '0.4', mem: '512mb', disk: '1gb' };
  for (const [field, value] of Object.entries(fields)) await page.getByTestId(`field-${field}`).fill(value);
  await page.getByTestId('create-submit').click();
}

async function deleteFromThePage(password: string): Promise<void> {
  await page.getByTestId('delete-open').click();
  await page.getByTestId('delete-password').fill(password);
  await page.getByTestId('delete-submit').click();
}

function badge(state: string) {
  return page.getByRole('heading', { level: 1 }).getByText(state);
}
