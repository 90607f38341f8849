import { describe, expect, it } from 'vitest';
import { dashboardAssets } from './index.ts';

describe('dashboardAssets', () => {
  it('is complete and lives with a strict content security policy', async () => {
    const assets = new Map((await dashboardAssets()).map((asset) => [asset.path, asset]));
    const html = assets.get('/')!.body;
    const linked = [...html.matchAll(/(?:src|href)="(assets\/[^"]+)"/g)].map((match) => `/${match[1]}`);
    expect(linked).toHaveLength(3);
    for (const path of linked) expect(assets.get(path)!.body.length, path).toBeGreaterThan(100);
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
  });

  it('needs nothing from elsewhere and evaluates no text', async () => {
    for (const { path, body } of await dashboardAssets()) {
      const addresses = [...body.matchAll(/https?:\/\/[\w.-]+/g)].map(([address]) => address);
      // Names of XML vocabularies and examples in messages are no addresses that anything is loaded from.
      expect(
        addresses.filter((address) => !address.includes('www.w3.org')),
        path,
      ).toEqual([]);
      expect(body, path).not.toMatch(/\beval\(|new Function\(|@import|url\(/);
    }
  });

  it('is small enough for a phone', async () => {
    const script = (await dashboardAssets()).find(({ path }) => path === '/assets/dashboard.js');
    expect(script!.body.length).toBeLessThan(100_000);
  });
});
