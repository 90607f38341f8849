import { describe, expect, it } from 'vitest';
import { parseInstallerArgs } from './installer-args.ts';

const sha256 = 'AB'.repeat(32);

describe('parseInstallerArgs', () => {
  it('reads the built-in installers', () => {
    expect(parseInstallerArgs('{"installer":"noop"}')).toEqual({ installer: 'noop' });
    expect(
      parseInstallerArgs(JSON.stringify({ installer: 'tarball', uri: 'https://h/m.tar.gz', sha256 })),
    ).toEqual({
      installer: 'tarball',
      uri: 'https://h/m.tar.gz',
      sha256: sha256.toLowerCase(),
      cache: undefined,
    });
  });

  it.each([
    ['not JSON', '{'],
    ['not a JSON object', '[]'],
    ['not a JSON object', 'null'],
    ['"installer" must be', '{}'],
    ['"installer" must be', '{"installer":"rpm"}'],
    ['"uri" must be', '{"installer":"tarball"}'],
    ['"uri" must be', '{"installer":"tarball","uri":"ftp://h/m"}'],
    ['"uri" must be', '{"installer":"tarball","uri":"file://h/m"}'],
    ['"uri" must be', '{"installer":"tarball","uri":"https://h:port/m"}'],
    ['"uri" must be', '{"installer":"tarball","uri":"https://us%er:x@h/m"}'],
    ['"sha256" must be', '{"installer":"tarball","uri":"/m","sha256":"12"}'],
    ['"cache" must be', '{"installer":"tarball","uri":"/m","cache":"here"}'],
  ])('refuses: %s (%s)', (problem, text) => {
    expect(() => parseInstallerArgs(text)).toThrow(problem);
  });
});
