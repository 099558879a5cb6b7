import { LoadClient } from '../load.js';
import type { Scale } from '../scale.js';
import { ServerProcess } from '../server-process.js';
import type { BenchServer } from '../servers/bench-server.js';
import { nameOf, SERVERS } from '../servers/catalogue.js';
import { median } from '../statistics.js';
import { table, type Row } from '../table.js';
import { Visitor } from '../visitor.js';

const MODES = ['read', 'write'] as const;
const SLICES = 10;

interface Candidate {
  readonly process: ServerProcess;
  readonly client: LoadClient;
  /** As many visitors as there are connections: one session alone would be written by turns. */
  readonly cookies: readonly string[];
  readonly perSecond: Record<(typeof MODES)[number], number[]>;
  readonly cpu: Record<(typeof MODES)[number], number[]>;
}

const VISITORS = 50;

/** Requests a second of servers on the same mongod, by turns in small slices, and what each takes of its server's own CPU time. */
export async function mongodbThroughput(
  { requests, rounds }: Scale,
  wanted: (server: BenchServer) => boolean,
): Promise<string> {
  const rows: Row[] = [];
  const isCandidate = (server: BenchServer) => server.storage === 'mongodb' && wanted(server);
  await ServerProcess.withAll(isCandidate, async (running) => {
    const candidates = await Promise.all(running.map(openVisitors));
    const slice = Math.ceil(requests / SLICES / 10);
    for (const mode of MODES) {
      for (let turn = 0; turn <= rounds * SLICES; turn++) {
        for (const candidate of candidates) await measure(candidate, mode, slice, turn >= SLICES / 2);
      }
    }
    const base = candidates.find(({ process }) => process.server.id === againstOf(candidates));
    for (const candidate of candidates) rows.push(rowOf(candidate, base));
    for (const { client } of candidates) client.close();
  });
  return table(['on one mongod', 'read/s', 'ratio', 'CPU µs', 'write/s', 'ratio', 'CPU µs'], rows);
}

function againstOf(candidates: readonly Candidate[]): string | undefined {
  return SERVERS.find(({ id }) => candidates.some(({ process }) => process.server.against === id))?.id;
}

async function openVisitors(process: ServerProcess): Promise<Candidate> {
  const visitors = await Promise.all(Array.from({ length: VISITORS }, () => Visitor.open(process.url)));
  const cookies = visitors.map(({ cookie }) => cookie);
  return {
    process,
    client: new LoadClient(process.url),
    cookies,
    perSecond: { read: [], write: [] },
    cpu: { read: [], write: [] },
  };
}

async function measure(
  candidate: Candidate,
  mode: (typeof MODES)[number],
  requests: number,
  counts: boolean,
): Promise<void> {
  const { process, client, cookies } = candidate;
  const cpu = await process.ask('cpu');
  const start = performance.now();
  await client.send({ path: `/${mode}`, cookie: cookies, requests });
  const seconds = (performance.now() - start) / 1_000;
  if (!counts) return;
  candidate.perSecond[mode].push(requests / seconds);
  candidate.cpu[mode].push(((await process.ask('cpu')) - cpu) / requests);
}

function rowOf({ process, perSecond, cpu }: Candidate, base: Candidate | undefined): Row {
  const cells = MODES.flatMap((mode) => {
    const rate = median(perSecond[mode]);
    const ratio = base ? (rate / median(base.perSecond[mode])).toFixed(2) : '';
    return [Math.round(rate), ratio, Math.round(median(cpu[mode]))];
  });
  return [nameOf(process.server), ...cells];
}
