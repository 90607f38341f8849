import { dashboardAssets } from '@cotton/dashboard';
import type { DashboardFiles } from '../http/options.ts';

/** The dashboard's files by address. */
export async function loadDashboard(): Promise<DashboardFiles> {
  const assets = await dashboardAssets();
  return new Map(assets.map(({ path, contentType, body }) => [path, { type: contentType, body }]));
}
