import { parseArgs } from 'node:util';
import { FULL, QUICK, type Scale } from './scale.js';
import { survivors } from './sections/concurrency.js';
import { checkServers } from './sections/correctness.js';
import { sessionCost } from './sections/cost.js';
import { heapPerSession } from './sections/heap.js';
import { revived } from './sections/logout.js';
import { sqliteScale } from './sections/sqlite-scale.js';
import type { BenchServer } from './servers/catalogue.js';

const USAGE = `npm run bench -- [--quick] [--only cost,survivors,revived,heap,sqlite] [--servers <part of an id>,...]

  --quick    a smoke run: everything once, small; its figures mean little
  --only     these sections
  --servers  servers whose id contains one of these, for example fastify or express-memory`;

type Section = (scale: Scale, wanted: (server: BenchServer) => boolean) => Promise<string>;

const SECTIONS: Readonly<Record<string, { title: string; run: Section }>> = {
  cost: { title: 'Session cost per request', run: sessionCost },
  survivors: { title: 'Concurrent changes that survive', run: survivors },
  revived: { title: 'Sessions revived after logout', run: revived },
  heap: { title: 'Heap per session, 300 bytes of data', run: heapPerSession },
  sqlite: { title: 'SQLite, few sessions and many', run: sqliteScale },
};

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: Object.keys(SECTIONS).join(',') },
    servers: { type: 'string', default: '' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) console.log(USAGE);
else await bench(values.only.split(','), values.quick ? QUICK : FULL, values.servers.split(','));

async function bench(names: readonly string[], scale: Scale, parts: readonly string[]): Promise<void> {
  const unknown = names.find((name) => !Object.hasOwn(SECTIONS, name));
  if (unknown !== undefined) throw new Error(`No section ${unknown}.\n\n${USAGE}`);
  const wanted = ({ id }: BenchServer) => parts.some((part) => id.includes(part));

  console.log(`# Benchmark: Node ${process.version}, ${process.platform} ${process.arch}\n`);
  console.log(await checkServers(wanted));
  for (const name of names) {
    const { title, run } = SECTIONS[name]!;
    console.log(`\n## ${title}\n`);
    console.log(await run(scale, wanted));
  }
}
