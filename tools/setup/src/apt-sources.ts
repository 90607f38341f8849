/** One repository an apt configuration names, reduced to what is needed to ask it for another suite. */
export interface AptSource {
  uri: string;
  suites: string[];
  components: string[];
  /** Key file, fingerprints or an embedded key, exactly as the machine's configuration gives it. */
  signedBy?: string;
  trusted?: boolean;
}

/** Binary sources in a one-line style file (`deb [signed-by=…] uri suite component…`). */
export function parseOneLineSources(text: string): AptSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (!match) return [];
    const [, options = '', uri = '', suite = '', components = ''] = match;
    const option = (name: string) => new RegExp(`(?:^|\\s)${name}=(\\S+)`).exec(options)?.[1];
    return [
      source(uri, [suite], words(components), option('signed-by')?.replaceAll(',', ' '), option('trusted')),
    ];
  });
}

/** Binary, enabled sources in a deb822 style file (`Types: deb`, `URIs: …`, …). */
export function parseDeb822Sources(text: string): AptSource[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = deb822Fields(stanza);
    const types = words(fields.get('types') ?? '');
    if (!types.includes('deb') || /^(no|false|off|0)$/i.test(fields.get('enabled') ?? '')) return [];
    const suites = words(fields.get('suites') ?? '');
    const components = words(fields.get('components') ?? '');
    return words(fields.get('uris') ?? '').map((uri) =>
      source(uri, suites, components, fields.get('signed-by'), fields.get('trusted')),
    );
  });
}

/**
 * The sources that may be a Debian archive, likeliest first. A vendor's repository may also have a component `main`
 * and a suite named like Debian's, so the caller still has to look at what the repository says it is.
 */
export function debianCandidates(sources: AptSource[]): AptSource[] {
  const likeliness = (s: AptSource) =>
    (/debian-archive-keyring/.test(s.signedBy ?? '') ? 2 : 0) +
    (/\/debian\/?$|mirrors\/debian\.list/.test(s.uri) ? 1 : 0);
  const seen = new Set<string>();
  return sources
    .filter((s) => s.components.includes('main') && !/^(cdrom|file):/.test(s.uri))
    .filter((s) => !s.suites.every((suite) => /[-/](security|updates|backports)\b/.test(suite)))
    .sort((a, b) => likeliness(b) - likeliness(a))
    .filter((s) => !seen.has(s.uri) && seen.add(s.uri));
}

/** A deb822 file that asks `source`'s repository for `suite`'s `main`. */
export function formatSource(source: AptSource, suite: string, architecture: string): string {
  const lines = [
    'Types: deb',
    `URIs: ${source.uri}`,
    `Suites: ${suite}`,
    'Components: main',
    `Architectures: ${architecture}`,
  ];
  if (source.signedBy) lines.push(`Signed-By: ${source.signedBy}`);
  if (source.trusted) lines.push('Trusted: yes');
  return `${lines.join('\n')}\n`;
}

function source(
  uri: string,
  suites: string[],
  components: string[],
  signedBy?: string,
  trusted?: string,
): AptSource {
  return {
    uri,
    suites,
    components,
    ...(signedBy ? { signedBy } : {}),
    ...(trusted && /^(yes|true|on|1)$/i.test(trusted) ? { trusted: true } : {}),
  };
}

function deb822Fields(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  let current = '';
  for (const line of stanza.split('\n')) {
    if (line.startsWith('#')) continue;
    const field = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
    if (field) {
      current = field[1]!.toLowerCase();
      fields.set(current, field[2]!.trimEnd());
    } else if (current && /^\s/.test(line)) {
      fields.set(current, `${fields.get(current)}\n${line.trimEnd()}`); // an embedded key keeps its shape
    }
  }
  return fields;
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}
