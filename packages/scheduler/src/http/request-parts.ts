/** What the routes of one cluster have in common. */
import { ApiError, refusePasswordInQuery } from '@cotton/api';
import { clusterNameProblem } from '@cotton/core';
import type { FastifyRequest } from 'fastify';
import type { ClusterEntry, ClusterService, Outcome } from '../cluster-service.ts';
import { refusalError } from './problems.ts';

export function accepted<T>(outcome: Outcome<T>, name: string): T {
  if (outcome.ok) return outcome.value;
  throw refusalError(outcome.refusal, name, outcome.detail);
}

export function findCluster(name: string, service: ClusterService): ClusterEntry {
  const entry = service.find(name);
  if (entry) return entry;
  // True also while Mesos is away: a leader has loaded its state, and others do not get here.
  throw refusalError('cluster_not_found', name);
}

export function findLiving(name: string, service: ClusterService): ClusterEntry {
  const entry = findCluster(name, service);
  if (entry.record.phase === 'deleting') throw refusalError('cluster_deleting', name);
  return entry;
}

export function nameOf(request: FastifyRequest): string {
  return (request.params as { name: string }).name;
}

/** No body is one without fields: the answer then names the field that is missing. */
export function bodyOf(request: FastifyRequest): unknown {
  return request.body === undefined ? {} : request.body;
}

/** Judged before anything else of the request is read. */
export async function checkName(request: FastifyRequest): Promise<void> {
  if (clusterNameProblem(nameOf(request)) === 'malformed')
    throw new ApiError('invalid_cluster_name', 'The name in the address is not that of a cluster.');
}

/** On what changes something: a mistyped `dry_run` must not change it. */
export function checkQuery(known: readonly string[]) {
  return async (request: FastifyRequest): Promise<void> => {
    refusePasswordInQuery(request.query);
    const stranger = Object.keys(request.query as object).find((key) => !known.includes(key));
    if (stranger !== undefined)
      throw new ApiError(
        'unknown_field',
        'The query string has a field nobody knows; fields belong in the body.',
      );
  };
}

export function readDryRun(request: FastifyRequest): boolean {
  const { dry_run: dryRun } = request.query as Record<string, unknown>;
  if (dryRun === undefined || dryRun === 'false') return false;
  if (dryRun === 'true') return true;
  throw new ApiError('malformed_body', 'dry_run: must be true or false');
}
