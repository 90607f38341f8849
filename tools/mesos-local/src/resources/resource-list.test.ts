import { describe, expect, it } from 'vitest';
import { applyOperation } from './apply-operation.ts';
import { parseAttributes, parseResources } from './parse.ts';
import { printResources } from './print.ts';
import { addResources, containsResources, equalResources, subtractResources } from './resource-list.ts';
import type { Resource } from './types.ts';
import { withCheckpointed } from './with-checkpointed.ts';

const total = parseResources('cpus:4;mem:4096;disk:10000;ports:[31000-31099]');
const labels = { labels: [{ key: 'cluster', value: 'c1' }] };
const reserved = (text: string): Resource[] =>
  parseResources(text).map((resource) => ({
    ...resource,
    reservations: [{ type: 'DYNAMIC' as const, role: 'eng', principal: 'cotton', labels }],
  }));
const volume = (size: number): Resource => ({
  ...reserved(`disk:${size}`)[0]!,
  disk: { persistence: { id: 'v1', principal: 'cotton' }, volume: { container_path: 'data', mode: 'RW' } },
});
const names = (resources: Resource[]) =>
  resources.map(({ name, reservations }) => name + (reservations ? '*' : ''));

describe('arithmetic', () => {
  it('keeps three decimals', () => {
    const third = parseResources('cpus:0.1');
    expect(addResources(third, third, third)[0]!.scalar!.value).toBe(0.3);
    expect(subtractResources(parseResources('cpus:1'), parseResources('cpus:0.9'))[0]!.scalar!.value).toBe(
      0.1,
    );
  });

  it('splits and joins ranges', () => {
    const rest = subtractResources(total, parseResources('ports:[31000-31000, 31010-31011]'));
    expect(printResources(rest.filter(({ name }) => name === 'ports'))).toBe(
      'ports:[31001-31009, 31012-31099]',
    );
    const back = addResources(rest, parseResources('ports:[31000-31000]'));
    expect(printResources(back.filter(({ name }) => name === 'ports'))).toBe(
      'ports:[31000-31009, 31012-31099]',
    );
  });

  it('puts the last entry where one was used up, as Mesos does', () => {
    expect(names(subtractResources(total, parseResources('cpus:4')))).toEqual(['ports', 'mem', 'disk']);
  });

  it('tells reservations apart by role, principal and labels', () => {
    const other = reserved('cpus:1').map((one) => ({
      ...one,
      reservations: [{ ...one.reservations![0]!, principal: 'x' }],
    }));
    expect(containsResources(reserved('cpus:2'), reserved('cpus:1'))).toBe(true);
    expect(containsResources(reserved('cpus:2'), other)).toBe(false);
    expect(addResources(reserved('cpus:1'), other)).toHaveLength(2);
  });

  it('takes labels in any order, and a volume whoever made it', () => {
    const [a, b] = [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ];
    const labelled = (list: { key: string; value: string }[]) =>
      reserved('cpus:1').map((one) => ({
        ...one,
        reservations: [{ ...one.reservations![0]!, labels: { labels: list } }],
      }));
    expect(containsResources(labelled([a!, b!]), labelled([b!, a!]))).toBe(true);
    expect(containsResources(labelled([a!, b!]), labelled([a!, a!]))).toBe(false);
    const others = {
      ...volume(512),
      disk: { ...volume(512).disk!, persistence: { id: 'v1', principal: 'x' } },
    };
    expect(containsResources([volume(512)], [others])).toBe(true);
  });

  it('takes volumes only whole', () => {
    expect(containsResources([volume(512)], [volume(512)])).toBe(true);
    expect(containsResources([volume(512)], [volume(100)])).toBe(false);
  });
});

describe('operations', () => {
  it('reserve, create, destroy and unreserve lead back to where they began', () => {
    const resources = reserved('cpus:1;disk:512');
    let now = applyOperation(total, { type: 'RESERVE', reserve: { resources } });
    now = applyOperation(now, { type: 'CREATE', create: { volumes: [volume(512)] } });
    expect(names(now)).toEqual(['cpus', 'mem', 'disk', 'ports', 'cpus*', 'disk*']);
    now = applyOperation(now, { type: 'DESTROY', destroy: { volumes: [volume(512)] } });
    now = applyOperation(now, { type: 'UNRESERVE', unreserve: { resources } });
    expect(equalResources(now, total)).toBe(true);
  });

  it('grows and shrinks a volume', () => {
    const [addition] = reserved('disk:100') as [Resource];
    const grown = applyOperation([volume(512), addition], {
      type: 'GROW_VOLUME',
      grow_volume: { volume: volume(512), addition },
    });
    expect(grown).toEqual([volume(612)]);
    const shrunk = applyOperation(grown, {
      type: 'SHRINK_VOLUME',
      shrink_volume: { volume: volume(612), subtract: { value: 112 } },
    });
    expect(shrunk).toEqual([volume(500), reserved('disk:112')[0]]);
  });

  it('says what is there and what is not, in the words of Mesos', () => {
    const resources = reserved('cpus:400');
    expect(() =>
      applyOperation(parseResources('cpus:4'), { type: 'RESERVE', reserve: { resources } }),
    ).toThrow('cpus:4 does not contain cpus:400');
    expect(printResources([volume(512)])).toBe(
      'disk(reservations: [(DYNAMIC,eng,cotton,{cluster: c1})])[v1:data]:512',
    );
  });

  it('cuts remembered reservations and volumes out of the machine again', () => {
    const now = withCheckpointed(total, [...reserved('cpus:1'), volume(512)]);
    expect(printResources(now)).toContain('disk:9488');
    expect(names(now)).toEqual(['cpus', 'mem', 'disk', 'ports', 'cpus*', 'disk*']);
  });
});

it('reads attributes of every kind', () => {
  expect(parseAttributes('rack:r1;level:5;range:[1-10]')).toEqual([
    { name: 'rack', type: 'TEXT', text: { value: 'r1' } },
    { name: 'level', type: 'SCALAR', scalar: { value: 5 } },
    { name: 'range', type: 'RANGES', ranges: { range: [{ begin: 1, end: 10 }] } },
  ]);
});
