import { LoadClient } from '../load.js';
import type { Scale } from '../scale.js';
import { ServerProcess } from '../server-process.js';
import type { BenchServer } from '../servers/bench-server.js';
import { nameOf, SERVERS } from '../servers/catalogue.js';
import { table, type Row } from '../table.js';

const WARM_UP = 1_000;

/** What a live session with 300 bytes of data takes on the heap of the server. */
export async function heapPerSession(
  { heapSessions }: Scale,
  wanted: (server: BenchServer) => boolean,
): Promise<string> {
  const rows: Row[] = [];
  for (const server of SERVERS.filter((candidate) => wanted(candidate) && candidate.storage === 'memory')) {
    rows.push([nameOf(server), await measure(server, heapSessions)]);
  }
  return table([`of ${heapSessions} sessions`, 'bytes each'], rows);
}

async function measure(server: BenchServer, sessions: number): Promise<number> {
  const process = await ServerProcess.start(server, ['--expose-gc']);
  const client = new LoadClient(process.url);
  try {
    await client.send({ method: 'POST', path: '/open', requests: WARM_UP });
    const before = await process.ask('heap');
    await client.send({ method: 'POST', path: '/open', requests: sessions });
    return Math.round(((await process.ask('heap')) - before) / sessions);
  } finally {
    client.close();
    await process.stop();
  }
}
