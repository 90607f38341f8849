import { describe, expect, it } from 'vitest';
import { ZooKeeperError } from './errors.ts';
import { checkPath, formatZkUrl, joinPath, parentOf, parseZkUrl } from './url.ts';

describe('parseZkUrl', () => {
  it.each([
    ['zk://h1', { servers: 'h1:2181', path: '/' }],
    ['zk://h1:1,h2:22/', { servers: 'h1:1,h2:22', path: '/' }],
    ['zk://10.0.0.1:2181,h2/cotton/prod/', { servers: '10.0.0.1:2181,h2:2181', path: '/cotton/prod' }],
    ['zk://u:p@h/c', { servers: 'h:2181', path: '/c', auth: { user: 'u', password: 'p' } }],
    ['zk://u:a@b:c/d@h:9/c', { servers: 'h:9', path: '/c', auth: { user: 'u', password: 'a@b:c/d' } }],
    ['zk://u:@h/c', { servers: 'h:2181', path: '/c', auth: { user: 'u', password: '' } }],
  ])('%s', (url, expected) => expect(parseZkUrl(url)).toEqual(expected));

  it.each([
    '',
    'h:2181/x',
    'http://h',
    'zk://',
    'zk:///path',
    'zk://h:0',
    'zk://h:99999',
    'zk://h1,,h2',
    'zk://h//x',
    'zk://h/../x',
  ])('refuses %j', (url) => expect(() => parseZkUrl(url)).toThrow(ZooKeeperError));

  it('never shows credentials in an error', () => {
    for (const url of ['zk://user@h', 'zk://user:secret@h:x', 'zk://user:secret@/x']) {
      expect(() => parseZkUrl(url)).toThrow(
        expect.not.objectContaining({ message: expect.stringMatching(/secret|user@/) }),
      );
    }
  });

  it('is formatted without credentials', () => {
    expect(formatZkUrl(parseZkUrl('zk://u:p@h1,h2/c'))).toBe('zk://h1:2181,h2:2181/c');
    expect(formatZkUrl(parseZkUrl('zk://h1'))).toBe('zk://h1:2181');
  });
});

describe('paths', () => {
  it('are joined and taken apart', () => {
    expect(joinPath('/', 'a', 'b')).toBe('/a/b');
    expect(joinPath('/r', 'a')).toBe('/r/a');
    expect(joinPath('/')).toBe('/');
    expect(parentOf('/a/b')).toBe('/a');
    expect(parentOf('/a')).toBe('/');
  });

  it.each(['', 'a', '/a/', '//a', '/a//b', '/.', '/a/../b', '/a\u0000b'])('refuse %j', (path) => {
    expect(() => checkPath(path)).toThrow(ZooKeeperError);
  });
});
