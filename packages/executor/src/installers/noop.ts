import { findHostMysql } from '@cotton/mysql-ops';
import type { PackageInstaller } from '../installer.ts';

/** MySQL is on the host already: the `mysqld` on the executor's PATH, 8.4 or later. */
export const noopInstaller: PackageInstaller = {
  name: 'noop',
  discover: async () => ({ description: "the host's mysqld", location: 'PATH' }),
  fetch: async (reference) => reference.location,
  install: async () => ({ mysql: await findHostMysql(), environment: {} }),
};
