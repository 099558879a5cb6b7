import { parseArgs } from 'node:util';
import { withMongod } from './bench-mongod.js';
import { FULL, QUICK, type Scale } from './scale.js';
import { survivors } from './sections/concurrency.js';
import { checkServers } from './sections/correctness.js';
import { sessionCost } from './sections/cost.js';
import { programCost } from './sections/programs.js';
import { endMany } from './sections/ends.js';
import { hitCost } from './sections/hits.js';
import { consolePages } from './sections/console.js';
import { searchMillion } from './sections/million.js';
import { heapPerSession } from './sections/heap.js';
import { revived } from './sections/logout.js';
import { mongodbScale } from './sections/mongodb-scale.js';
import { signInTimes } from './sections/sign-in.js';
import { sqliteScale } from './sections/sqlite-scale.js';
import { mongodbThroughput } from './sections/throughput.js';
import type { BenchServer } from './servers/bench-server.js';

const USAGE = `npm run bench -- [--quick] [--million] [--size 1000000] [--only cost,survivors,revived,programs,hits,heap,signin,sqlite,throughput,mongodb,ends,million,console] [--servers <part of an id>,...]

  --quick    a smoke run: everything once, small; its figures mean little
  --million  a million sessions in MongoDB, too
  --only     these sections; by default all but the last two, which need --size sessions: to find and count, to show pages of the console
  --servers  servers whose id contains one of these, for example fastify or express-memory`;

type Section = (scale: Scale, wanted: (server: BenchServer) => boolean) => Promise<string>;

const SECTIONS: Readonly<Record<string, { title: string; run: Section }>> = {
  cost: { title: 'Session cost per request', run: sessionCost },
  survivors: { title: 'Concurrent changes that survive', run: survivors },
  revived: { title: 'Sessions revived after logout', run: revived },
  programs: { title: 'Sessions of programs', run: programCost },
  hits: { title: 'Cost of a counted request', run: hitCost },
  heap: { title: 'Heap per session, 300 bytes of data', run: heapPerSession },
  signin: { title: 'Refused sign-ins, a burst of them, and floods', run: signInTimes },
  sqlite: { title: 'SQLite, few sessions and many', run: sqliteScale },
  throughput: { title: 'Throughput on MongoDB', run: mongodbThroughput },
  mongodb: { title: 'MongoDB, few sessions and many', run: mongodbScale },
  ends: { title: 'Ending many sessions', run: endMany },
  million: { title: 'Finding and counting sessions', run: searchMillion },
  console: { title: 'Pages of the console', run: consolePages },
};

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    million: { type: 'boolean', default: false },
    only: { type: 'string', default: Object.keys(SECTIONS).slice(0, -2).join(',') },
    servers: { type: 'string', default: '' },
    size: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const MONGODB_SECTIONS: ReadonlySet<string> = new Set(['throughput', 'mongodb']);

if (values.help) console.log(USAGE);
else {
  const scale = values.quick ? QUICK : FULL;
  const searchStores = values.servers.split(',');
  const searchSize = Number(values.size ?? scale.searchSize);
  const mongodbSizes = [...scale.mongodbSizes, ...(values.million ? [1_000_000] : [])];
  await withMongod((missing) =>
    bench(
      values.only.split(','),
      { ...scale, mongodbSizes, searchSize, searchStores },
      values.servers.split(','),
      missing,
    ),
  );
}

async function bench(
  names: readonly string[],
  scale: Scale,
  parts: readonly string[],
  mongodbMissing: string | null,
): Promise<void> {
  const unknown = names.find((name) => !Object.hasOwn(SECTIONS, name));
  if (unknown !== undefined) throw new Error(`No section ${unknown}.\n\n${USAGE}`);
  const wanted = ({ id, storage }: BenchServer) =>
    parts.some((part) => id.includes(part)) && !(storage === 'mongodb' && mongodbMissing !== null);

  const isCompared = (server: BenchServer) => server.forCost !== true && wanted(server);

  console.log(`# Benchmark: Node ${process.version}, ${process.platform} ${process.arch}\n`);
  if (names.some((name) => name !== 'million' && name !== 'ends')) console.log(await checkServers(wanted));
  for (const name of names) {
    const { title, run } = SECTIONS[name]!;
    console.log(`\n## ${title}\n`);
    const isMissing = MONGODB_SECTIONS.has(name) && mongodbMissing !== null;
    console.log(isMissing ? `Left out: ${mongodbMissing}.` : await run(scale, name === 'cost' ? wanted : isCompared));
  }
}
