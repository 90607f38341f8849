import { describe, expect, it } from 'vitest';
import { originOfMasterInfo, parseMasterAddress, redirectTarget } from './address.ts';
import { leaderAmong } from './leader.ts';

describe('the address of a master', () => {
  it.each([
    ['10.0.0.1:5051', 'http://10.0.0.1:5051'],
    ['leader.mesos', 'http://leader.mesos:5050'],
    ['http://10.0.0.1:5050', 'http://10.0.0.1:5050'],
    ['https://master.example:5443/', 'https://master.example:5443'],
    ['[::1]:5050', 'http://[::1]:5050'],
  ])('%s is %s', (address, origin) => {
    expect(parseMasterAddress(address)).toBe(origin);
  });

  it.each(['', 'ftp://x:1', 'http://user:secret@host:1', 'host:port', 'http://host/master', 'a b'])(
    'refuses %j',
    (address) => {
      expect(() => parseMasterAddress(address)).toThrow('a master address is');
    },
  );

  it.each([
    ['//127.0.0.1:6350/master/api/v1/scheduler', 'http://127.0.0.1:6350'],
    ['//leader:5050', 'http://leader:5050'],
    ['http://other:1/api/v1', 'http://other:1'],
    ['javascript:alert(1)', undefined],
    [undefined, undefined],
  ])('redirect to %s leads to %s', (location, origin) => {
    expect(redirectTarget(location, 'http://127.0.0.1:6356')).toBe(origin);
  });

  it('is in MasterInfo, preferably in its address', () => {
    const address = { hostname: 'm1', ip: '127.0.0.2', port: 6350 };
    expect(originOfMasterInfo(JSON.stringify({ id: 'x', ip: 1, port: 5050, address }))).toBe(
      'http://127.0.0.2:6350',
    );
    expect(originOfMasterInfo('{"id":"x","ip":16777343,"port":6350}')).toBe('http://127.0.0.1:6350');
    expect(() => originOfMasterInfo('{"id":"x"}')).toThrow('Missing required fields: ip');
  });
});

describe('the leader', () => {
  it('has the smallest number, whatever else is there', () => {
    expect(
      leaderAmong(['log_replicas', 'json.info_0000000010', 'json.info_0000000009', 'info_0000000001']),
    ).toBe('json.info_0000000009');
    expect(leaderAmong(['log_replicas', 'json.info_', 'json.info_x1'])).toBeUndefined();
    expect(leaderAmong(['json.info_10000000000', 'json.info_9999999999'])).toBe('json.info_9999999999');
  });
});
