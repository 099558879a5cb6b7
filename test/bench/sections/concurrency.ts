import { LoadClient } from '../load.js';
import type { Scale } from '../scale.js';
import { ServerProcess } from '../server-process.js';
import type { BenchServer } from '../servers/bench-server.js';
import { hasSessions, nameOf } from '../servers/catalogue.js';
import { table, type Row } from '../table.js';
import { Visitor, type SessionState } from '../visitor.js';

/** How many of the requests that change one session at the same time still show in it afterwards. */
export async function survivors({ concurrent }: Scale, wanted: (server: BenchServer) => boolean): Promise<string> {
  const rows: Row[] = [];
  await ServerProcess.withAll(
    (server) => wanted(server) && hasSessions(server),
    async (servers) => {
      for (const process of servers) {
        const increments = await race(process, concurrent, () => '/increment');
        const keys = await race(process, concurrent, (number) => `/keys/key${number}`);
        const assignments = await race(process, concurrent, () => '/assign');
        rows.push([nameOf(process.server), increments.visits, keys.keys, assignments.visits]);
      }
    },
  );
  const note =
    'Increment: `session.increment(key)` here, `session.n += 1` elsewhere. Assigned: the same key from what was read before, everywhere.';
  return `${table([`of ${concurrent} requests`, 'increments', 'distinct keys', 'assigned'], rows)}\n\n${note}`;
}

async function race({ url }: ServerProcess, requests: number, path: (number: number) => string): Promise<SessionState> {
  const visitor = await Visitor.open(url);
  const client = new LoadClient(url);
  try {
    await client.send({ path, cookie: visitor.cookie, requests });
  } finally {
    client.close();
  }
  return visitor.state();
}
