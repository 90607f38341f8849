import type { Launch } from '@cotton/core';
import type { OfferOperation, Resource, TaskInfo } from '@cotton/mesos';
import { resources } from '@cotton/mesos';
import { describe, expect, it } from 'vitest';
import { launchOperations, VOLUME_PATH } from './operations.ts';
import { reservationFor } from './reservation.ts';

const owner = { installation: 'i1', role: 'eng', principal: 'cotton' };
const size = { cpus: 1, memMb: 512, diskMb: 1024 };
const { scalar, ranges, allocate, reserve } = resources;

const launch = (changes: Partial<Launch> = {}): Launch => ({
  clusterUid: 'u1',
  instance: 'demo-0',
  agentId: 'a1',
  taskId: 'demo-0-2.u1',
  home: {
    agentId: 'a1',
    hostname: 'h1',
    address: '10.0.0.1:5051',
    port: 31000,
    httpPort: 31001,
    volumeId: 'vol-1',
    seeded: true,
  },
  createVolume: false,
  ...changes,
});

const free = (): Resource[] =>
  allocate([scalar('cpus', 3), scalar('mem', 2048), scalar('disk', 5000), ports(31010, 31099)], 'eng');
const ports = (begin: number, end: number): Resource => ranges('ports', [{ begin, end }]);
const reserved = (...list: Resource[]): Resource[] =>
  allocate(reserve(list, reservationFor(owner, launch())), 'eng');
const volume = (id: string): Resource =>
  resources.createVolume(reserved(scalar('disk', 1024))[0]!, {
    id,
    containerPath: VOLUME_PATH,
    principal: 'cotton',
  });

function planned(offered: Resource[], what = launch()): { types: string[]; operations: OfferOperation[] } {
  const toTask = (): TaskInfo => ({ name: 't', taskId: { value: 't' }, agentId: { value: 'a1' } });
  const { operations } = launchOperations(what, size, resources.add(offered), owner, toTask);
  return { types: operations.map(({ type }) => type ?? ''), operations };
}

const unreserved = (operations: OfferOperation[]): Resource[] =>
  operations.flatMap(({ unreserve }) => unreserve?.resources ?? []);

describe('launchOperations', () => {
  it('only launches on a reservation that is just right', () => {
    const whole = [...reserved(scalar('cpus', 1), scalar('mem', 512), ports(31000, 31001)), volume('vol-1')];
    expect(planned([...free(), ...whole]).types).toEqual(['LAUNCH']);
  });

  it('gives back what a second RESERVE left over, after the launch has its share', () => {
    const twice = reserved(scalar('cpus', 2), scalar('mem', 1024), scalar('disk', 1024), ports(31000, 31003));
    const { types, operations } = planned([...free(), ...twice, volume('vol-1')]);
    expect(types).toEqual(['LAUNCH', 'UNRESERVE']);
    const surplus = reserved(
      scalar('cpus', 1),
      scalar('mem', 512),
      scalar('disk', 1024),
      ports(31002, 31003),
    );
    expect(resources.equal(unreserved(operations), surplus)).toBe(true);
  });

  it('keeps the disk of a volume that is to be made, and gives back the rest of it', () => {
    const what = launch({ createVolume: true });
    const own = reserved(scalar('cpus', 1), scalar('mem', 512), scalar('disk', 2048), ports(31000, 31001));
    const { types, operations } = planned([...free(), ...own], what);
    expect(types).toEqual(['CREATE', 'LAUNCH', 'UNRESERVE']);
    expect(resources.equal(unreserved(operations), reserved(scalar('disk', 1024)))).toBe(true);
  });

  it('touches neither another volume of the instance nor what is not offered', () => {
    const partly = reserved(scalar('cpus', 0.9), scalar('mem', 480), ports(31000, 31001));
    const { types, operations } = planned([...free(), ...partly, volume('vol-1'), volume('vol-stray')]);
    expect(types).toEqual(['RESERVE', 'LAUNCH']);
    expect(unreserved(operations)).toEqual([]);
  });

  it('leaves alone what is reserved in two ways', () => {
    const other = { ...owner, principal: 'before' };
    const earlier = allocate(reserve([scalar('cpus', 1)], reservationFor(other, launch())), 'eng');
    const whole = [...reserved(scalar('cpus', 1), scalar('mem', 512), ports(31000, 31001)), volume('vol-1')];
    expect(unreserved(planned([...free(), ...whole, ...earlier]).operations)).toEqual([]);
  });
});
