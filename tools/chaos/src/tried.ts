/** What results are results of. */

/** Runs git in the checkout and returns what it prints; empty when it fails. */
export type Git = (...args: string[]) => Promise<string>;

/** What ends up in the bundles. */
const PRODUCT = [
  ':(glob)packages/*/src/**',
  ':(glob)packages/*/package.json',
  ':(exclude)*.test.ts',
  ':(exclude,glob)**/testing*.ts',
];

/**
 * The last commit that touched the product, so that one of documents, tests or tools throws no results away. Those of
 * a changed work tree must not pass for the commit's.
 */
export async function describeProduct(git: Git): Promise<string> {
  const commit = await git('log', '-1', '--format=%h', '--abbrev=12', '--', ...PRODUCT);
  const changes = await git('status', '--porcelain', '--', ...PRODUCT);
  return `${commit || 'unknown'}${changes === '' ? '' : '-changed'}`;
}
