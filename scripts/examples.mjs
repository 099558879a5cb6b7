import { spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// Builds each example against the packed package alone, and runs its tests, which start it and walk it over HTTP:
// `node scripts/examples.mjs [package.tgz]`. Without a package one is packed from `dist/`.

const AT_ONCE = 2;
const DEADLINE = 5 * 60_000;
const ROOT = fileURLToPath(new URL('../', import.meta.url));

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupted.abort());

const work = await mkdtemp(join(tmpdir(), 'gatehouse-examples-'));
let mongod;
try {
  const [archive = await pack()] = process.argv.slice(2);
  const examples = await install(resolve(archive));
  // What `npm run build` does in each, in one process that reads Nest's types once.
  await mustRun('npx', ['--no-install', 'tsc', '-b', ...examples.map(({ cwd }) => cwd)], { cwd: work });
  mongod = process.env.MONGODB_URI ? { uri: process.env.MONGODB_URI } : await startMongod();
  const results = await inTurns(examples, walk);
  for (const { name, output, failed } of results) if (failed) console.error(`\n--- ${name}\n${output}`);
  console.table(results.map(({ name, passed, failed, seconds }) => ({ example: name, passed, failed, seconds })));
  if (results.some(({ failed }) => failed)) process.exitCode = 1;
} finally {
  await mongod?.stop?.();
  await rm(work, { recursive: true, force: true });
}

async function pack() {
  const options = ['--ignore-scripts', '--silent', '--pack-destination', work];
  const output = await mustRun('npm', ['pack', ...options], { cwd: ROOT });
  return join(work, output.trim().split('\n').at(-1));
}

/** As workspaces of one directory, so that what they share is installed once. @returns them */
async function install(archive) {
  const directory = join(work, 'examples');
  await cp(join(ROOT, 'examples'), directory, {
    recursive: true,
    filter: (path) => !/(node_modules|dist|data)$/.test(path),
  });
  const entries = await readdir(directory, { withFileTypes: true });
  const examples = [];
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    const cwd = join(directory, name);
    const manifest = JSON.parse(await readFile(join(cwd, 'package.json'), 'utf8'));
    examples.push({ name, cwd, undeclared: await undeclaredImports(cwd, manifest) });
    manifest.dependencies['nest-gatehouse'] = `file:${archive}`;
    await writeFile(join(cwd, 'package.json'), JSON.stringify(manifest));
  }
  await writeFile(join(work, 'package.json'), JSON.stringify({ private: true, workspaces: ['examples/*'] }));
  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await mustRun('npm', ['install', ...options], { cwd: work });
  return examples;
}

/** Packages that an example has only because another one asks for them. */
async function undeclaredImports(cwd, { dependencies, devDependencies }) {
  const declared = { ...dependencies, ...devDependencies };
  const files = (await readdir(cwd, { recursive: true })).filter((file) => /\.(ts|mjs)$/.test(file));
  const sources = await Promise.all(files.map((file) => readFile(join(cwd, file), 'utf8')));
  const imported = sources.flatMap((source) => [...source.matchAll(/(?:from|^import) '([^'.][^']*)'/gm)]);
  const names = imported.map(([, path]) => path.split('/', path.startsWith('@') ? 2 : 1).join('/'));
  return [...new Set(names)].filter((name) => !name.startsWith('node:') && !(name in declared));
}

/** The server that the tests of this repository take. */
async function startMongod() {
  const outfile = join(ROOT, 'dist/examples/mongod.mjs');
  const entryPoints = [join(ROOT, 'test/support/mongod/mongod.ts')];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external' });
  const { Mongod } = await import(outfile);
  return Mongod.start();
}

async function walk({ name, cwd, undeclared }) {
  const began = Date.now();
  const database = new URL(mongod.uri);
  database.pathname = `/gatehouse_example_${name}_${process.pid}`;
  const options = { cwd, env: { ...process.env, MONGODB_URI: database.href } };
  const { code, output: tests } = await run('npm', ['test', '-s'], options);
  const output = undeclared.length > 0 ? `${tests}\nNot in package.json: ${undeclared.join(', ')}` : tests;
  const count = (what) => Number(new RegExp(`^(?:#|ℹ) ${what} (\\d+)$`, 'm').exec(output)?.[1] ?? 0);
  const failed = code === 0 ? undeclared.length : Math.max(1, count('fail'));
  return { name, passed: count('pass'), failed, seconds: Math.round((Date.now() - began) / 1_000), output };
}

async function inTurns(items, work) {
  const queue = [...items.entries()];
  const results = [];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

async function mustRun(command, parameters, options) {
  const { code, output } = await run(command, parameters, options);
  if (code !== 0) throw new Error(`${command} ${parameters.join(' ')} ended with code ${code}:\n${output}`);
  return output;
}

/** In a process group of its own, which is ended as a whole when it takes too long or we are told to stop. */
function run(command, parameters, options) {
  const child = spawn(command, parameters, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const end = () => process.kill(-child.pid, 'SIGTERM');
  const deadline = setTimeout(end, DEADLINE);
  interrupted.signal.addEventListener('abort', end);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  return new Promise((resolveRun, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(deadline);
      interrupted.signal.removeEventListener('abort', end);
      if (interrupted.signal.aborted) reject(new Error('Interrupted.'));
      else resolveRun({ code, output });
    });
  });
}
