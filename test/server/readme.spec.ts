import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { BrowserClient } from '../support/browser/browser-client.js';
import { patternOf, stepsOf } from '../support/docs/walk.js';
import { cleanUp, ReferenceServer, temporaryDirectory } from '../support/servers/reference-server.js';
import { freePort } from '../support/free-port.js';

const WRITTEN_URL = 'http://localhost:3000';
const START = /^((?:[A-Z_]+=\S+ )*)npm start$/;
const run = promisify(execFile);

function blocksOf(markdown: string, language: string): string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map((match) => match[1]!);
}

/** Types the steps into a shell. `npm start` stops the server that runs and starts the next one in the same directory. */
class Reader {
  #server: ReferenceServer | undefined;

  constructor(private readonly directory: string) {}

  async type(command: string): Promise<string> {
    const start = START.exec(command);
    if (start) return this.#start(start[1]!);
    const shell = command.replaceAll(WRITTEN_URL, this.#server!.url);
    const { stdout } = await run('bash', ['-c', shell], { cwd: this.directory });
    return stdout.replaceAll('\r', '').trimEnd();
  }

  /** Types a block, and reads the cookies in its answers. */
  async cookiesOf(block: string): Promise<{ maxAge: number; expires: number }[]> {
    const cookies = [];
    for (const { command } of stepsOf(block)) {
      const [, maxAge, expires] = /Max-Age=(\d+);.*Expires=([^;]+)/.exec(await this.type(command)) ?? [];
      if (expires !== undefined) cookies.push({ maxAge: Number(maxAge), expires: Date.parse(expires) });
    }
    return cookies;
  }

  async #start(assignments: string): Promise<string> {
    await this.#server?.discard();
    const env = Object.fromEntries(
      assignments
        .trim()
        .split(' ')
        .filter(Boolean)
        .map((text) => text.split('=') as [string, string]),
    );
    this.#server = await ReferenceServer.start({ inHost: true, env, directory: this.directory });
    const plain = this.#server.stdout.split('\n').filter((line) => !line.startsWith('{'));
    return plain.join('\n').trimEnd().replace(this.#server.url, WRITTEN_URL);
  }
}

describe('README.md', () => {
  let readme: string;

  beforeAll(async () => {
    readme = await readFile('README.md', 'utf8');
  });

  afterEach(() => ReferenceServer.stopAll());
  afterAll(cleanUp);

  it('has a walk that answers as it says, line by line', async () => {
    const reader = new Reader(await temporaryDirectory());
    const steps = blocksOf(readme, 'console').flatMap(stepsOf);
    expect(steps.length).toBeGreaterThan(20);

    for (const { command, answer } of steps) {
      expect({ command, answer: await reader.type(command) }).toEqual({
        command,
        answer: expect.stringMatching(patternOf(answer)),
      });
    }
  }, 120_000);

  it('shows a cookie that ends as it says', async () => {
    const blocks = blocksOf(readme, 'console').filter((text) => text.includes('SESSION_COOKIE_PERSISTENT=true'));
    expect(blocks).toHaveLength(2);
    const reader = new Reader(await temporaryDirectory());
    const [moving, fixed] = [await reader.cookiesOf(blocks[0]!), await reader.cookiesOf(blocks[1]!)];

    expect(moving[0]!.maxAge).toBeGreaterThan(1790);
    expect(moving[1]!.expires).toBeGreaterThan(moving[0]!.expires);
    expect(fixed[0]!.maxAge).toBeLessThanOrEqual(1200);
    expect(fixed[1]!.maxAge).toBeLessThan(fixed[0]!.maxAge);
    expect(fixed[1]!.expires).toBe(fixed[0]!.expires);
  }, 60_000);

  describe('has a quick start that', () => {
    // Inside the package, so that it imports the library by its name as an application does.
    const directory = resolve('dist/readme');
    const source = join(directory, 'main.ts');

    beforeAll(async () => {
      await mkdir(directory, { recursive: true });
      await writeFile(source, blocksOf(readme, 'ts')[0]!);
    });

    afterAll(() => rm(directory, { recursive: true, force: true }));

    it('compiles', () => {
      const { config } = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path)) as {
        config: { compilerOptions: object };
      };
      const { options } = ts.convertCompilerOptionsFromJson(
        { ...config.compilerOptions, noEmit: false, rootDir: '.', outDir: '.' },
        resolve('.'),
      );
      const program = ts.createProgram([source], { ...options, customConditions: [] });
      const { diagnostics } = program.emit(program.getSourceFile(source));
      const faults = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
      expect(faults.map((fault) => ts.flattenDiagnosticMessageText(fault.messageText, '\n'))).toEqual([]);
    }, 60_000);

    it('keeps a cart', async () => {
      const port = await freePort();
      const child = spawn(process.execPath, [join(directory, 'main.js')], {
        cwd: directory,
        env: { PATH: process.env.PATH, PORT: String(port) },
      });
      try {
        const client = new BrowserClient(`http://localhost:${port}`);
        await untilItAnswers(() => client.get('/cart'));
        await client.post('/cart', { item: 'lamp' });
        await client.post('/cart', { item: 'rope' });
        expect((await client.get('/cart')).json()).toEqual(['lamp', 'rope']);
        expect((await new BrowserClient(`http://localhost:${port}`).get('/cart')).json()).toEqual([]);
      } finally {
        child.kill('SIGKILL');
        await once(child, 'close');
      }
    }, 60_000);
  });
});

async function untilItAnswers(attempt: () => Promise<unknown>): Promise<void> {
  const last = Date.now() + 20_000;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (Date.now() > last) throw error;
      await delay(50);
    }
  }
}
