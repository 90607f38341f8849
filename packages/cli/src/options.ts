/** Options that several commands have. */
import { InvalidArgumentError, Option } from 'commander';

const TIMEOUT_MAX_S = 24 * 3600;

export function acks(): Option {
  return new Option('--acks <count>', 'acknowledgements a commit waits for, or auto');
}

export function minInSync(): Option {
  return new Option('--min-in-sync <count>', '1: take no writes without replicas; 0: go on alone');
}

export function policy(): Option {
  return new Option('--policy <name>', 'lossless or unsafe_available');
}

export function heartbeatBound(): Option {
  return new Option('--heartbeat-bound <duration>', 'how long a primary may go unacknowledged, such as 3s');
}

export function waitUntil(what: string): Option {
  return new Option('--wait', `wait until ${what}`);
}

export function dryRun(): Option {
  return new Option('--dry-run', 'say what would be done and change nothing');
}

export function passwordFile(): Option {
  return new Option(
    '--password-file <path>',
    'password of the cluster, - for standard input (else the kept one)',
  );
}

/** Given in seconds, used in milliseconds. */
export function timeout(): Option {
  return new Option('--timeout <seconds>', 'how long to wait').default(300_000, '300').argParser((text) => {
    const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
    if (!(seconds > 0 && seconds <= TIMEOUT_MAX_S))
      throw new InvalidArgumentError(`use seconds, more than 0 and at most ${TIMEOUT_MAX_S}`);
    return seconds * 1000;
  });
}
