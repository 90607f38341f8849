import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { generate, generatedDir } from '../../proto/generate.ts';

it('src/wire/generated is what proto/generate.ts makes of the .proto files', async () => {
  for (const [name, content] of await generate()) {
    expect(readFileSync(join(generatedDir, name), 'utf8'), name).toBe(content);
  }
});
