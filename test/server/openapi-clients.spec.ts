import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import ts from 'typescript';
import { readText } from '../package/source-files.js';
import { gatehouse } from '../support/servers/command-line.js';
import { cleanUp, ReferenceServer, temporaryDirectory } from '../support/servers/reference-server.js';

/** What a program in TypeScript would write. */
const PROGRAM = `
import createClient from 'openapi-fetch';
import type { paths } from './gatehouse.js';

export async function visit(baseUrl: string, key: string): Promise<number> {
  const client = createClient<paths>({ baseUrl, headers: { Authorization: \`Bearer \${key}\` } });
  const made = await client.POST('/sessman/new', {
    params: { query: { userid: 'ada' }, header: { 'Idempotency-Key': 'k' } },
    body: { data: { visits: 1 }, ttl: 60 },
  });
  if (!made.data) throw new Error(made.error.code);
  const version: number = made.data.version;
  const query = { sessionid: made.data.session_id };
  const patched = await client.POST('/sessman/patch', { params: { query }, body: { increment: { visits: version } } });
  return Number(patched.data?.data['visits']);
}
`;

/** The same with one fault, so that the check is seen to check. */
const FAULTY = PROGRAM.replace("userid: 'ada'", "userName: 'ada'");

describe('docs/openapi.json, in the tools of other languages', () => {
  let directory: string | undefined;

  afterEach(async () => {
    if (directory) await rm(directory, { recursive: true });
    directory = undefined;
  });
  afterAll(cleanUp);

  /** Of each program. */
  async function faultsOf(...programs: string[]): Promise<string[][]> {
    // Beside the packages that it imports.
    directory ??= await mkdtemp(resolve('node_modules/.openapi-'));
    const types = astToString(await openapiTS(JSON.parse(readText('docs/openapi.json')) as OpenAPI3));
    await writeFile(join(directory, 'gatehouse.d.ts'), types);
    const files = programs.map((_, n) => join(directory!, `program-${n}.mts`));
    await Promise.all(files.map((file, n) => writeFile(file, programs[n]!)));
    const options: ts.CompilerOptions = {
      strict: true,
      noEmit: true,
      skipDefaultLibCheck: true,
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
      types: [],
    };
    const found = ts.getPreEmitDiagnostics(ts.createProgram(files, options));
    // What is wrong with the types is a fault of each.
    return files.map((file) =>
      found
        .filter((diagnostic) => !files.includes(diagnostic.file?.fileName ?? '') || diagnostic.file?.fileName === file)
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
    );
  }

  it('become types by which a program compiles', async () => {
    const [right, wrong] = await faultsOf(PROGRAM, FAULTY);
    expect(right).toEqual([]);
    expect(wrong).not.toEqual([]);
  });

  it('become calls that the server answers', async () => {
    directory = await mkdtemp(resolve('node_modules/.openapi-'));
    const data = await temporaryDirectory();
    const server = await ReferenceServer.start({ directory: data });
    const args = ['apikey:create', '--namespace', 'shop', '--scope', 'sessions:write', '--json'];
    const { key } = (await gatehouse(args, { directory: data })).json<{ key: string }>();
    const file = join(directory, 'program.mjs');
    const { outputText } = ts.transpileModule(PROGRAM, { compilerOptions: { module: ts.ModuleKind.ESNext } });
    await writeFile(file, outputText);
    const { visit } = (await import(file)) as { visit: (url: string, key: string) => Promise<number> };
    expect(await visit(server.url, key)).toBe(2);
    await expect(visit(server.url, 'gh_x')).rejects.toThrow('api_key_invalid');
  });
});
