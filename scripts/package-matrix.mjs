// `npm run matrix`: packs this package, installs it into the applications that the command lines of Nest 11 and 12 generate, and prints which of them work.
//
//   npm run matrix                      both, on Express and Fastify, on Node 20, 22 and 24; with gateways; beside Mongoose 8 and 9 (against MONGODB_URI, where it is set)
//   npm run matrix -- --short           Nest 11 on Express and Nest 12 on Fastify, on this Node, as `.ci/run` does
//   npm run matrix -- --nest 11 --node 20,24 --platform fastify --mongoose none --tarball nest-gatehouse-0.1.0.tgz
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { addMongoose, addSessions, addSockets, makeApplication } from './matrix/application.mjs';
import { answersTwoRequests, builds, testsPass } from './matrix/checks.mjs';
import { mustRun } from './matrix/run.mjs';
import { printTable } from './matrix/table.mjs';

const list = { type: 'string' };
const { values } = parseArgs({
  options: { short: { type: 'boolean' }, nest: list, node: list, platform: list, mongoose: list, tarball: list },
});
const chosen = (name, all) => values[name]?.split(',') ?? all;
const short = values.short ?? false;
const current = process.versions.node.split('.')[0];

const NESTS = chosen('nest', ['11', '12']);
const NODES = chosen('node', short ? [current] : ['20', '22', '24']);
const MONGOOSES = chosen('mongoose', short ? ['none'] : ['8', '9']).filter((version) => version !== 'none');
const platformsOf = (nest) =>
  chosen('platform', short ? [nest === '11' ? 'express' : 'fastify'] : ['express', 'fastify']);

const rows = [];
const work = await mkdtemp(join(tmpdir(), 'gatehouse-matrix-'));
try {
  const tarball = values.tarball ? resolve(values.tarball) : await pack();
  // One after the other, unless time counts more than whose output is whose.
  if (short) await Promise.all(NESTS.map((nest) => tryNest(nest, tarball)));
  else for (const nest of NESTS) await tryNest(nest, tarball);
} finally {
  await rm(work, { recursive: true, force: true });
}
printTable(rows);
if (rows.length === 0 || rows.some(({ failed }) => failed)) process.exitCode = 1;

async function tryNest(nest, tarball) {
  const application = await makeApplication({ nest, work, tarball, short, platforms: platformsOf(nest) });
  for (const node of NODES) {
    for (const platform of platformsOf(nest)) {
      await addSessions(application, { nest, platform, storage: 'sqlite' });
      await tryCell({ application, short, nest, node, platform, storage: 'SQLite' });
    }
  }
  const cell = { application, short, nest, node: NODES.at(-1) };
  for (const mongoose of MONGOOSES) {
    await addMongoose(application, { nest, mongoose });
    await addSessions(application, { nest, platform: 'express', storage: 'mongoose' });
    await tryCell({ ...cell, platform: 'express', storage: `Mongoose ${mongoose}` });
  }
  if (short) return;
  await addSockets(application, { nest });
  for (const platform of platformsOf(nest)) {
    await addSessions(application, { nest, platform, storage: 'sqlite' });
    await tryCell({ ...cell, platform, storage: 'SQLite, sockets' });
  }
}

async function tryCell(cell) {
  const { application, node, nest, platform, storage } = cell;
  const binary = node === current ? process.execPath : await nodeBinary(node);
  const [version] = (await mustRun(binary, ['--version'])).output.trim().split('\n');
  const row = { nest, platform, node: version, storage, failed: false, results: {} };
  rows.push(row);
  const canStart = !storage.startsWith('Mongoose') || process.env.MONGODB_URI;
  const checks = canStart ? { builds, starts: answersTwoRequests, tests: testsPass } : { builds };
  for (const [name, check] of Object.entries(checks)) {
    const start = Date.now();
    const { ok, output } = await check({ ...cell, binary });
    row.results[name] = ok ? `${((Date.now() - start) / 1000).toFixed(1)} s` : 'FAILED';
    console.log(`Nest ${nest}, ${platform}, Node ${version}, ${storage}: ${name}: ${row.results[name]}`);
    if (ok) continue;
    row.failed = true;
    console.log(output.split('\n').slice(-60).join('\n'), `\n(in ${application})`);
    if (name === 'builds') break;
  }
}

/** The package `node` of npm has the binaries of every version. */
async function nodeBinary(version) {
  const { output } = await mustRun('npx', ['-y', '-p', `node@${version}`, '-c', 'node -p process.execPath']);
  return output.trim().split('\n').at(-1);
}

async function pack() {
  const root = resolve(import.meta.dirname, '..');
  await mustRun('npm', ['run', '-s', 'build'], { cwd: root });
  await mustRun('npm', ['pack', '--ignore-scripts', '--pack-destination', work], { cwd: root });
  const [name] = await readdir(work);
  return join(work, name);
}
