/** Pages are addressed by the fragment, so that one file serves them all and links can be shared. */
export type Route = { page: 'list' } | { page: 'create' } | { page: 'cluster'; name: string };

export function parseRoute(hash: string): Route {
  const [first = '', second = ''] = hash.replace(/^#\/?/, '').split('/');
  if (first === 'create') return { page: 'create' };
  if (first === 'clusters' && second !== '') return { page: 'cluster', name: decode(second) };
  return { page: 'list' };
}

export function linkTo(route: Route): string {
  switch (route.page) {
    case 'list':
      return '#/';
    case 'create':
      return '#/create';
    case 'cluster':
      return `#/clusters/${encodeURIComponent(route.name)}`;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
