import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { api, reloadIfMoved } from './api.ts';
import { ClusterPage } from './cluster-page.tsx';
import { CreatePage } from './create-page.tsx';
import { Header } from './header.tsx';
import { ListPage } from './list-page.tsx';
import { parseRoute, type Route } from './route.ts';
import { useLive } from './use-live.ts';

/** Changes come as events; asking now and then is for what gets lost. */
const SHOWN = { intervalMs: 5_000, follow: true };
/** On other pages only the header needs the list. */
const IN_HEADER = { intervalMs: 15_000, follow: false };

export function App() {
  const route = useRoute();
  const list = useLive(
    'clusters',
    (signal) => api.list({ signal }),
    route.page === 'list' ? SHOWN : IN_HEADER,
  );
  useEffect(() => reloadIfMoved(list.error, () => location.reload()), [list.error]);
  useEffect(() => void (document.title = titleOf(route)), [route]);
  return (
    <>
      <Header list={list.value} error={list.error} />
      <main>
        {route.page === 'list' && <ListPage list={list.value} />}
        {route.page === 'create' && <CreatePage onCreated={list.refresh} />}
        {route.page === 'cluster' && (
          <ClusterPage key={route.name} name={route.name} onChanged={list.refresh} />
        )}
      </main>
    </>
  );
}

function titleOf(route: Route): string {
  switch (route.page) {
    case 'list':
      return 'Cotton';
    case 'create':
      return 'New cluster – Cotton';
    case 'cluster':
      return `${route.name} – Cotton`;
  }
}

function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  // At once: other effects wait for the page to be painted, and who navigates before that would not be followed.
  useLayoutEffect(() => {
    const onChange = () => {
      setRoute(parseRoute(location.hash));
      scrollTo(0, 0);
    };
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  return route;
}
