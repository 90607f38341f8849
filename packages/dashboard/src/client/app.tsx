import { useEffect, useState } from 'preact/hooks';
import { api, reloadIfMoved } from './api.ts';
import { ClusterPage } from './cluster-page.tsx';
import { CreatePage } from './create-page.tsx';
import { Header } from './header.tsx';
import { ListPage } from './list-page.tsx';
import { parseRoute, type Route } from './route.ts';
import { useLive } from './use-live.ts';

const SHOWN_INTERVAL_MS = 1_500;
/** On other pages only the header needs the list. */
const HEADER_INTERVAL_MS = 15_000;

export function App() {
  const route = useRoute();
  const intervalMs = route.page === 'list' ? SHOWN_INTERVAL_MS : HEADER_INTERVAL_MS;
  const list = useLive('clusters', (signal) => api.list({ signal }), intervalMs);
  useEffect(() => reloadIfMoved(list.error, () => location.reload()), [list.error]);
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

function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const onChange = () => {
      setRoute(parseRoute(location.hash));
      scrollTo(0, 0);
    };
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  return route;
}
