import { readdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import mongoose from 'mongoose';
import { oneDecimal, table, type Row } from '../bench/table.js';
import { median, p99 } from '../bench/statistics.js';
import { Mongod } from '../support/mongod/mongod.js';
import { Ledger, work } from './soak-client.js';
import { SoakServer } from './soak-server.js';

const CREDENTIALS = { username: 'ada', password: 'soak the whole house once' };
const SETTINGS = {
  GATEHOUSE_ADMIN_USER: CREDENTIALS.username,
  GATEHOUSE_ADMIN_PASSWORD: CREDENTIALS.password,
  LOG_LEVEL: 'error',
  MAX_SESSIONS_PER_USER: '0',
  BCRYPT_COST: '10',
};
const CLIENTS = 8;
const MINUTE = 60_000;
/** The first tenth is left out: caches fill, the compiler works. */
const WARM_UP = 0.1;
const MAX_GROWTH = 1.25;

interface Sample {
  readonly at: number;
  readonly heapMegabytes: number;
  readonly handles: number;
  readonly storeMegabytes: number;
  /** Of a read, in milliseconds. */
  readonly middle: number;
  readonly slowest: number;
}

/** A store that two servers share. */
interface SoakedStore {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string;
  bytes(): Promise<number>;
  close(): Promise<void>;
}

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, stores: { type: 'string', default: 'sqlite,mongodb' } },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new TypeError(`--minutes is ${values.minutes}; expected a number above 0.`);
const OPEN: Readonly<Record<string, () => Promise<SoakedStore>>> = { sqlite: openSqlite, mongodb: openMongodb };
const names = values.stores.split(',');
for (const name of names)
  if (!OPEN[name]) throw new TypeError(`--stores: ${name} is none of ${Object.keys(OPEN).join(', ')}.`);

for (const name of names) {
  const store = await OPEN[name]!();
  try {
    if (!(await soak(store))) process.exitCode = 1;
  } finally {
    await store.close();
  }
}

/** Two servers, one of which is stopped or killed every minute. @returns whether everything stayed as it was */
async function soak(store: SoakedStore): Promise<boolean> {
  const lasting = await SoakServer.start(store.env, store.directory);
  const restarted = await SoakServer.start(store.env, store.directory);
  const servers = [lasting, restarted];
  const ledger = new Ledger();
  const samples: Sample[] = [];
  const end = Date.now() + minutes * MINUTE;
  const isOver = () => Date.now() >= end;
  try {
    const interval = Math.min(MINUTE / 4, (minutes * MINUTE) / 60);
    await Promise.all([
      ...Array.from({ length: CLIENTS }, (_, n) => work(n, servers, ledger, CREDENTIALS, isOver)),
      restartNowAndThen(restarted, Math.min(MINUTE, (minutes * MINUTE) / 8), isOver),
      (async () => {
        while (!isOver()) {
          await pause(interval);
          samples.push(await sample(lasting, store, ledger));
        }
      })(),
    ]);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
  return report(store.name, samples, ledger, restarted.restarts);
}

async function restartNowAndThen(server: SoakServer, every: number, isOver: () => boolean): Promise<void> {
  for (let n = 0; !isOver(); n++) {
    await pause(every);
    await server.restart(n % 2 === 0 ? 'SIGTERM' : 'SIGKILL');
  }
}

async function sample(server: SoakServer, store: SoakedStore, ledger: Ledger): Promise<Sample> {
  const times = ledger.takeTimes();
  const figures = await server.figures();
  const storeMegabytes = (await store.bytes()) / 2 ** 20;
  return { at: Date.now(), ...figures, storeMegabytes, middle: median(times), slowest: p99(times) };
}

function report(name: string, all: readonly Sample[], ledger: Ledger, restarts: number): boolean {
  const samples = all.slice(Math.ceil(all.length * WARM_UP));
  const third = Math.ceil(samples.length / 3);
  const growth = (of: (sample: Sample) => number): [number, number, number] => {
    const [first, last] = [median(samples.slice(0, third).map(of)), median(samples.slice(-third).map(of))];
    return [first, last, last / first];
  };
  const { signIns, reads, writes, ends, unanswered } = ledger.counts;
  const row = (what: string, of: (sample: Sample) => number): Row => [what, ...growth(of).map(rounded)];
  console.log(`\n## ${name}: ${minutes} minutes, ${restarts} restarts of one of two servers\n`);
  console.log(
    `${signIns} sign-ins, ${reads} reads, ${writes} writes, ${ends} ends; ${unanswered} requests without an answer.\n`,
  );
  const rows = [
    row('heap of the other, MB', ({ heapMegabytes }) => heapMegabytes),
    row('its open handles', ({ handles }) => handles),
    row('read, median ms', ({ middle }) => middle),
    row('read, 99th percentile ms', ({ slowest }) => slowest),
    row('store, MB', ({ storeMegabytes }) => storeMegabytes),
  ];
  console.log(table(['', 'first third', 'last third', 'ratio'], rows));
  console.log(`\nViolations of the ledger: ${ledger.violations.length}`);
  for (const violation of ledger.violations.slice(0, 20)) console.log(`- ${violation}`);
  const [, , heap] = growth(({ heapMegabytes }) => heapMegabytes);
  const [, , handles] = growth((sample) => sample.handles);
  return ledger.violations.length === 0 && heap <= MAX_GROWTH && handles <= MAX_GROWTH;
}

function rounded(value: number): number {
  return value < 10 ? Math.round(value * 100) / 100 : oneDecimal(value);
}

async function openSqlite(): Promise<SoakedStore> {
  const directory = await mkdtemp(join(tmpdir(), 'soak-'));
  const bytes = async () => {
    const data = join(directory, 'data');
    const sizes = (await readdir(data)).map(async (file) => (await stat(join(data, file))).size);
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  };
  const close = () => rm(directory, { recursive: true, force: true });
  return { name: 'SQLite', env: SETTINGS, directory, bytes, close };
}

async function openMongodb(): Promise<SoakedStore> {
  const mongod = await Mongod.start();
  const directory = await mkdtemp(join(tmpdir(), 'soak-'));
  const connection = await mongoose.createConnection(mongod.uri, { dbName: 'soak' }).asPromise();
  const bytes = async () => {
    const { totalSize } = (await connection.db!.command({ dbStats: 1 })) as { totalSize: number };
    return totalSize;
  };
  const close = async () => {
    await connection.close();
    await mongod.stop();
    await rm(directory, { recursive: true, force: true });
  };
  const uri = mongod.uri.replace('/?', '/soak?');
  return { name: 'MongoDB', env: { ...SETTINGS, STORAGE: 'mongoose', MONGODB_URI: uri }, directory, bytes, close };
}
