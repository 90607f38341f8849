/** The dashboard as files to serve. They hold no data: the page gets everything from the API of its own origin. */
import { clientCode } from './client-code.ts';

export interface DashboardAsset {
  /** Address under the scheduler's own, such as `/` or `/assets/dashboard.js`. */
  path: string;
  contentType: string;
  body: string;
}

/** All files, `/` among them. Nothing outside them is needed; no script or style is inline. */
export async function dashboardAssets(): Promise<DashboardAsset[]> {
  const { html, script, style, icon } = await clientCode();
  return [
    { path: '/', contentType: 'text/html; charset=utf-8', body: html },
    { path: '/assets/dashboard.js', contentType: 'text/javascript; charset=utf-8', body: script },
    { path: '/assets/dashboard.css', contentType: 'text/css; charset=utf-8', body: style },
    { path: '/assets/icon.svg', contentType: 'image/svg+xml', body: icon },
  ];
}
