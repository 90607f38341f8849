/** What of the list is shown: searched, filtered, one page of it. A thousand clusters stay quick this way. */
import { CLUSTER_STATES, type ClusterState, type ClusterSummary } from '@cotton/api';

export const PAGE_SIZE = 50;

export interface Filter {
  /** Part of a name or user, in any case. */
  text: string;
  state: ClusterState | 'any';
  /** From 0. */
  page: number;
}

export interface Found {
  shown: ClusterSummary[];
  /** How many match. */
  count: number;
  /** The page shown, within what there is. */
  page: number;
  pages: number;
}

export function findClusters(clusters: readonly ClusterSummary[], filter: Filter): Found {
  const text = filter.text.trim().toLowerCase();
  const matching = clusters.filter(
    ({ name, user, state }) =>
      (filter.state === 'any' || state === filter.state) &&
      (text === '' || name.toLowerCase().includes(text) || user.toLowerCase().includes(text)),
  );
  const pages = Math.max(1, Math.ceil(matching.length / PAGE_SIZE));
  const page = Math.min(Math.max(filter.page, 0), pages - 1);
  return {
    shown: matching.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE),
    count: matching.length,
    page,
    pages,
  };
}

/** How many clusters are in each state that occurs, in the order of CLUSTER_STATES. */
export function countByState(clusters: readonly ClusterSummary[]): [ClusterState, number][] {
  return CLUSTER_STATES.map((state): [ClusterState, number] => [
    state,
    clusters.filter((cluster) => cluster.state === state).length,
  ]).filter(([, count]) => count > 0);
}
