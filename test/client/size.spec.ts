import { afterAll, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { build, stop } from 'esbuild';
import { readText, ROOT } from '../package/source-files.js';

afterAll(() => stop());

/** What a bundler makes of this module for browsers. Whatever is not in the repository's own sources fails the build. */
async function bundle(code: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['nest-gatehouse-source'],
    logLevel: 'silent',
  });
  return outputFiles[0]!.text;
}

const sizeOf = (text: string) => gzipSync(text, { level: 9 }).length;

describe('For browsers', () => {
  it.each([
    ['nest-gatehouse/client', 5_120],
    ['nest-gatehouse/client/timeout', 2_048],
  ])('all of %s takes at most %i bytes', async (entry, most) => {
    const text = await bundle(`export * from '${entry}';`);
    expect(text).not.toMatch(/\bimport\b|\brequire\b/);
    expect(text.length).toBeGreaterThan(1_000);
    expect(sizeOf(text)).toBeLessThanOrEqual(most);
  });

  it('an application carries what it uses, and nothing for what it only imports', async () => {
    const errors = await bundle("export { SessmanError } from 'nest-gatehouse/client';");
    expect(errors).not.toContain('idempotency-key');
    expect(sizeOf(errors)).toBeLessThan(400);
    expect(await bundle("import { Session } from 'nest-gatehouse/client';\nexport const a = 1;")).not.toContain(
      'Session',
    );
    expect(await bundle("import 'nest-gatehouse/client/timeout';")).toContain('gatehouse-timeout');
  });

  it('the warning can be imported where there are no elements, as by a server that renders pages', async () => {
    const entry = 'nest-gatehouse/client/timeout';
    expect(Object.keys((await import(entry)) as object)).toEqual(['GatehouseTimeout']);
  });

  it('the client knows nothing of Node', () => {
    const { compilerOptions } = JSON.parse(readText('libs/client/tsconfig.json')) as { compilerOptions: object };
    expect(compilerOptions).toMatchObject({ types: [] });
  });
});
