import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from './run.mjs';

const HERE = import.meta.dirname;
/** In a folder each: what `nest new` of @nestjs/cli 11 and 12 generates, unchanged but for its name. */
const GENERATED = (nest) => join(HERE, `nest${nest}`);
const ADDED = join(HERE, 'added');
const SOCKETS = join(HERE, 'sockets', 'sockets.e2e-spec.ts');

/** Of what is generated, nothing needs these to build, to start or to be tested. */
const FOR_EDITORS_AND_LINTERS =
  /eslint|oxlint|prettier|globals|coverage|nestjs\/mau|source-map-support|ts-loader|ts-node|tsconfig-paths$/;
/** Where `tsc` builds in place of `nest build`, which calls it. */
const FOR_COMMAND_LINE = /@nestjs\/(cli|schematics)/;

/**
 * Installs the generated application, and the package with the one peer of which its table of peers says that SQLite needs
 * it on Node 20. No install script runs. @returns its directory
 */
export async function makeApplication({ nest, work, tarball, short, platforms }) {
  const application = join(work, `nest${nest}`);
  await cp(GENERATED(nest), application, { recursive: true });
  await changeManifest(application, ({ devDependencies }) => {
    for (const name of Object.keys(devDependencies)) {
      if (FOR_EDITORS_AND_LINTERS.test(name) && name !== 'vite-tsconfig-paths') delete devDependencies[name];
      if (short && FOR_COMMAND_LINE.test(name)) delete devDependencies[name];
    }
  });
  const fastify = platforms.includes('fastify') ? [`@nestjs/platform-fastify@${nest}`] : [];
  const needsDriver = short ? process.getBuiltinModule?.('node:sqlite') === undefined : true;
  await install(application, [tarball, ...fastify, ...(needsDriver ? ['@photostructure/sqlite@1'] : [])]);
  return application;
}

export async function addMongoose(application, { nest, mongoose }) {
  await install(application, [`mongoose@${mongoose}`, `@nestjs/mongoose@${nest}`]);
}

/** Adds a test of gateways. */
export async function addSockets(application, { nest }) {
  const servers = [`@nestjs/platform-ws@${nest}`, `@nestjs/platform-socket.io@${nest}`, `@nestjs/websockets@${nest}`];
  await install(application, [...servers, 'ws@8', '@types/ws@8', 'socket.io-client@4']);
  await add(SOCKETS, join(application, 'test', 'sockets.e2e-spec.ts'), nest);
}

/** What whoever adds sessions to it changes: the module, a controller, the platform in `main.ts`; and a test of them. */
export async function addSessions(application, { nest, platform, storage }) {
  await rm(join(application, 'data'), { recursive: true, force: true });
  await cp(GENERATED(nest), application, { recursive: true, filter: (file) => !file.endsWith('package.json') });
  for (const folder of ['src', 'test']) {
    for (const name of await readdir(join(ADDED, folder))) {
      const place = placeOf(name, { platform, storage });
      if (place) await add(join(ADDED, folder, name), join(application, folder, place), nest);
    }
  }
}

/** Of a file in several forms, `main.fastify.ts`, the one that is meant goes in place of the others. */
function placeOf(name, { platform, storage }) {
  const [, subject, form, ending] = /^([a-z]+)\.(express|fastify|mongoose|sqlite)\.(ts)$/.exec(name) ?? [];
  if (!form) return name;
  return form === platform || form === storage ? `${subject}.${ending}` : null;
}

async function add(from, to, nest) {
  const text = await readFile(from, 'utf8');
  // Nest 11 generates imports without extensions, which its Jest needs.
  await writeFile(to, nest === '11' ? text.replace(/from '(\.[^']*)\.js'/g, "from '$1'") : text);
}

async function changeManifest(application, change) {
  const file = join(application, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  change(manifest);
  await writeFile(file, JSON.stringify(manifest, null, 2));
}

async function install(application, packages) {
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  await mustRun('npm', ['install', ...flags, ...packages], { cwd: application });
}
