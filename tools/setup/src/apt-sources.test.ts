import { describe, expect, it } from 'vitest';
import { debianCandidates, formatSource, parseDeb822Sources, parseOneLineSources } from './apt-sources.ts';

describe('one-line sources', () => {
  it('reads options, uri, suite and components, and skips comments and source packages', () => {
    const text = [
      '# deb http://old.example/debian stable main',
      'deb-src http://mirror.example/debian bookworm main',
      'deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.example/debian bookworm main contrib # ours',
    ].join('\n');
    expect(parseOneLineSources(text)).toEqual([
      {
        uri: 'http://mirror.example/debian',
        suites: ['bookworm'],
        components: ['main', 'contrib'],
        signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
      },
    ]);
  });
});

describe('deb822 sources', () => {
  it('gives one source for each uri, and skips disabled stanzas', () => {
    const text = [
      'Types: deb deb-src',
      '# a comment between fields',
      'URIs: http://a.example/debian http://b.example/debian',
      'Suites: bookworm bookworm-updates',
      'Components: main',
      'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
      '',
      'Types: deb',
      'Enabled: no',
      'URIs: http://c.example/debian',
      'Suites: bookworm',
      'Components: main',
    ].join('\n');
    expect(parseDeb822Sources(text).map((source) => source.uri)).toEqual([
      'http://a.example/debian',
      'http://b.example/debian',
    ]);
  });

  it('carries an embedded key over as it stands', () => {
    const key = '\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQIN\n -----END PGP PUBLIC KEY BLOCK-----';
    const text = `Types: deb\nURIs: http://a.example/debian\nSuites: sid\nComponents: main\nSigned-By:${key}\n`;
    const [source] = parseDeb822Sources(text);
    expect(source?.signedBy).toBe(key);
    expect(formatSource(source!, 'sid', 'amd64')).toContain(`Signed-By: ${key}`);
  });
});

describe('debianCandidates', () => {
  const source = (uri: string, suites: string[], components = ['main'], signedBy?: string) => ({
    uri,
    suites,
    components,
    ...(signedBy ? { signedBy } : {}),
  });

  it('puts the entry signed by Debian before a vendor with the same suite and component', () => {
    const candidates = debianCandidates([
      source('http://vendor.example/apt', ['bookworm']),
      source(
        'http://mirror.example/deb-mirror',
        ['bookworm'],
        ['main'],
        '/usr/share/keyrings/debian-archive-keyring.gpg',
      ),
    ]);
    expect(candidates.map(({ uri }) => uri)).toEqual([
      'http://mirror.example/deb-mirror',
      'http://vendor.example/apt',
    ]);
  });

  it('leaves out security-only and component-less entries, and names each archive once', () => {
    const candidates = debianCandidates([
      source('http://mirror.example/debian-security', ['bookworm-security']),
      source('http://vendor.example/x', ['./'], []),
      source('http://mirror.example/debian', ['bookworm']),
      source('http://mirror.example/debian', ['bookworm-updates', 'bookworm']),
    ]);
    expect(candidates.map(({ uri }) => uri)).toEqual(['http://mirror.example/debian']);
  });
});
