import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { run } from './run.mjs';

const START_DEADLINE = 60_000;

/** As `npm run build` does. */
export function builds({ application, binary, short }) {
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'];
  return run(binary, short ? tsc : ['node_modules/@nestjs/cli/bin/nest.js', 'build'], { cwd: application });
}

/** The driver of Mongoose 9 has an `import()`, which Jest runs in CommonJS only with this. */
const FOR_IMPORT_IN_JEST = { NODE_OPTIONS: '--experimental-vm-modules' };

/** The generated tests and ours, as `npm test` and `npm run test:e2e` do. */
export async function testsPass({ application, binary, nest, storage }) {
  const [unit, whole] =
    nest === '11'
      ? [['node_modules/jest/bin/jest.js'], ['node_modules/jest/bin/jest.js', '--config', './test/jest-e2e.json']]
      : [
          ['node_modules/vitest/vitest.mjs', 'run'],
          ['node_modules/vitest/vitest.mjs', 'run', '--config', './vitest.config.e2e.ts'],
        ];
  const env = nest === '11' && storage === 'Mongoose 9' ? FOR_IMPORT_IN_JEST : {};
  const options = { cwd: application, env };
  const first = await run(binary, unit, options);
  return first.ok ? run(binary, whole, options) : first;
}

/** Starts `dist/main.js`, and makes two requests of one browser and one of another. */
export async function answersTwoRequests({ application, binary }) {
  const port = await freePort();
  const server = spawn(binary, ['dist/main.js'], {
    cwd: application,
    env: { ...process.env, PORT: String(port), NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(server, 'exit').then(() => true);
  let output = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (output += chunk));
  try {
    const url = `http://localhost:${port}/visits`;
    const first = await firstAnswer(url, ended);
    const second = await visit(url, first.cookie);
    const stranger = await visit(url);
    const counts = [first.visits, second.visits, stranger.visits].join();
    return { ok: counts === '1,2,1', output: `${output}visits: ${counts}` };
  } catch (error) {
    return { ok: false, output: `${output}${error.stack}` };
  } finally {
    server.kill();
    await ended;
  }
}

async function firstAnswer(url, ended) {
  const last = Date.now() + START_DEADLINE;
  for (;;) {
    const answer = await visit(url).catch((error) => error);
    if (!(answer instanceof Error)) return answer;
    if (Date.now() > last || answer.cause?.code !== 'ECONNREFUSED') throw answer;
    if (await Promise.race([ended, pause(100, false)])) throw new Error('It ended before it listened.');
  }
}

async function visit(url, cookie) {
  const response = await fetch(url, { headers: cookie ? { cookie } : {} });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  const { visits } = await response.json();
  return { visits, cookie: response.headers.getSetCookie()[0]?.split(';')[0] };
}

async function freePort() {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
