import { ApiError } from '@cotton/api';
import { renderToString } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import { ClusterView } from './cluster-page.tsx';
import { CreatePage } from './create-page.tsx';
import { Created } from './created.tsx';
import { Header } from './header.tsx';
import { HoldForm } from './hold-form.tsx';
import { ListPage } from './list-page.tsx';
import { roundDataSize } from './resources.tsx';
import { SwitchoverForm } from './switchover-form.tsx';
import { clusterList, detail, member, summary, transition } from './testing.ts';

/** The text of the elements with this test id, without markup. */
function texts(html: string, testId: string): string[] {
  const found = html.matchAll(new RegExp(`<(\\w+)[^>]*data-testid="${testId}"[^>]*>(.*?)</\\1>`, 'gs'));
  return [...found].map((match) => (match[2] ?? '').replace(/<[^>]+>/g, ''));
}

describe('the header', () => {
  it('says that the Mesos is the stand-in, and only then', () => {
    expect(
      texts(renderToString(<Header list={clusterList([], true)} error={undefined} />), 'stand-in'),
    ).toHaveLength(1);
    expect(texts(renderToString(<Header list={clusterList([])} error={undefined} />), 'stand-in')).toEqual(
      [],
    );
  });

  it('says when what is shown is old', () => {
    const error = new ApiError('unreachable', 'x');
    const [text] = texts(renderToString(<Header list={clusterList([])} error={error} />), 'connection');
    expect(text).toBe('The scheduler does not answer. What is shown is old. Trying again…');
  });
});

describe('the list', () => {
  it('shows clusters at a glance, and resources', () => {
    const clusters = [summary(), summary({ uid: 'x', name: 'other', state: 'BLOCKED', primary: null })];
    const html = renderToString(<ListPage list={clusterList(clusters)} />);
    expect(texts(html, 'state')).toEqual(['HEALTHY', 'BLOCKED', 'HEALTHY', 'BLOCKED']);
    expect(html).toContain('href="#/clusters/other"');
    expect(html).toContain('2 used of 3 requested');
    expect(html).toContain('4gb used of 6gb requested');
  });

  it('shows a thousand clusters page by page', () => {
    const clusters = Array.from({ length: 1_000 }, (_, n) => summary({ uid: `u${n}`, name: `c${n}` }));
    const html = renderToString(<ListPage list={clusterList(clusters)} />);
    expect(html.match(/data-testid="cluster-c/g)).toHaveLength(50);
    expect(texts(html, 'page')).toEqual(['Page 1 of 20']);
    expect(texts(html, 'match-count')).toEqual(['1000 clusters']);
  });

  it('invites to create the first one', () =>
    expect(renderToString(<ListPage list={clusterList([])} />)).toContain('href="#/create"'));
});

describe('a cluster', () => {
  it('shows its topology with roles, states, marks and addresses', () => {
    const html = renderToString(<ClusterView cluster={detail()} />);
    expect(texts(html, 'role')).toEqual(['primary', 'replica', 'replica']);
    expect(texts(html, 'in-sync')).toHaveLength(2);
    expect(texts(html, 'endpoint')).toEqual(['127.0.0.2:31000', '127.0.0.3:31000', '127.0.0.4:31000']);
    expect(texts(html, 'facts')[0]).toContain('Epoch1');
  });

  it('shows what is unusual: hold, what was saved, and elections with their steps', () => {
    const errant = [{ gtids: 'u:1-3', file: 'errant/1.sql', saved_at: '2026-01-02T03:04:05.000Z' }];
    const html = renderToString(
      <ClusterView
        cluster={detail({
          hold: true,
          members: [member(0), member(1, { errant })],
          in_progress: transition({ id: 'b', kind: 'switchover', outcome: 'running' }),
          transitions: [transition({ outcome: 'rolled_back', detail: 'it was not done by its deadline' })],
        })}
      />,
    );
    expect(texts(html, 'hold')).toEqual(['no automatic failover']);
    expect(texts(html, 'errant')[0]).toContain('u:1-3');
    expect(texts(html, 'outcome')).toEqual(['running', 'rolled back']);
    expect(html).toContain('opened: 0.31 s');
    expect(html).toContain('it was not done by its deadline');
    const usual = renderToString(<ClusterView cluster={detail()} />);
    for (const id of ['hold', 'errant', 'transitions']) expect(usual).not.toContain(`data-testid="${id}"`);
  });

  it('offers a switchover to whom it can go, and only then', () => {
    const form = (change: Parameters<typeof detail>[0]) =>
      renderToString(<SwitchoverForm cluster={detail(change)} onChanged={() => undefined} />);
    expect([...form({ promotion: { 'demo-1': 'never' } }).matchAll(/<option/g)]).toHaveLength(2);
    expect(form({ primary: null })).toBe('');
    expect(form({ in_sync: [] })).toBe('');
    expect(form({ in_progress: transition({ outcome: 'running' }) })).toContain('disabled');
  });

  it('says whether failover is on hold', () => {
    const form = (hold: boolean) =>
      renderToString(<HoldForm name="demo" hold={hold} onChanged={() => undefined} />);
    expect(texts(form(true), 'hold-submit')).toEqual(['Allow it again']);
    expect(texts(form(false), 'hold-submit')).toEqual(['Put it on hold']);
  });

  it('says that nobody is primary', () => {
    const members = [member(0, { role: 'none', state: 'FAILED', message: 'mysqld: out of disk' }), member(1)];
    const html = renderToString(
      <ClusterView cluster={detail({ state: 'BLOCKED', primary: null, members })} />,
    );
    expect(texts(html, 'no-primary')).toHaveLength(1);
    expect(html).toContain('mysqld: out of disk');
    expect(html).not.toContain('data-testid="connect"');
  });

  it('shows text from elsewhere as text', () => {
    const html = renderToString(<ClusterView cluster={detail({ reason: '<img src=x onerror=alert(1)>' })} />);
    expect(html).not.toContain('<img src=x');
  });
});

describe('creating', () => {
  it('has a labelled input for each field', () => {
    const html = renderToString(<CreatePage onCreated={() => undefined} />);
    for (const field of ['name', 'cluster_user', 'num_nodes', 'cpus', 'mem', 'disk', 'cluster_password'])
      expect(html).toContain(`data-testid="field-${field}"`);
    expect(html.match(/<label>/g)).toHaveLength(7);
  });

  it('shows the password once and passes warnings on', () => {
    const made = {
      cluster_url: 'zk://h/p',
      cluster_password: 'p<w',
      uid: 'u',
      name: 'demo',
      warnings: ['too large'],
    };
    const html = renderToString(<Created made={made} user="jane" />);
    expect(texts(html, 'created-password')).toEqual(['p&lt;w']);
    expect(html).toContain('too large');
  });
});

describe('roundDataSize', () => {
  it.each([
    [512, '512mb'],
    [2048, '2gb'],
    [9999, '9999mb'],
    [123_456, '120.6gb'],
  ])('%d MB is %s', (mb, text) => expect(roundDataSize(mb)).toBe(text));
});
