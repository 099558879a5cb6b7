import { LoadClient } from '../load.js';
import { ServerProcess } from '../server-process.js';
import type { BenchServer } from '../servers/bench-server.js';
import { hasSessions, SERVERS } from '../servers/catalogue.js';
import type { Scale } from '../scale.js';
import { lowerQuartile, median } from '../statistics.js';
import { oneDecimal, table, type Row } from '../table.js';
import { Visitor } from '../visitor.js';

const SLICES = 20;
const MODES = ['read', 'write'] as const;
type Mode = (typeof MODES)[number];

/** CPU µs of the server process for each request, by server and by what the handler does. */
class Costs {
  readonly #runs = new Map<string, number[]>();

  add(server: BenchServer, mode: Mode, microseconds: number): void {
    const key = `${server.id} ${mode}`;
    this.#runs.set(key, [...(this.#runs.get(key) ?? []), microseconds]);
  }

  of(id: string, mode: Mode): number {
    return median(this.#runs.get(`${id} ${mode}`) ?? []);
  }
}

/** What a session costs the server for each request: CPU time of its process, that of the same server without sessions subtracted. */
export async function sessionCost(
  { requests, rounds }: Scale,
  wanted: (server: BenchServer) => boolean,
): Promise<string> {
  // A session in MongoDB waits for it rather than costs CPU time here: it has a section of its own.
  const isCandidate = (server: BenchServer) => server.storage !== 'mongodb' && wanted(server);
  const servers = SERVERS.filter(isCandidate);
  const costs = new Costs();
  await ServerProcess.withAll(isCandidate, async (running) => {
    const clients = await Promise.all(running.map(openSession));
    for (const mode of MODES) {
      // The first round only warms up.
      for (let round = 0; round <= rounds; round++) {
        const microseconds = await alternate(clients, mode, requests);
        if (round > 0) clients.forEach(({ server }, at) => costs.add(server, mode, microseconds[at]!));
      }
    }
    for (const { client } of clients) client.close();
  });
  return report(servers, costs);
}

interface Client {
  readonly process: ServerProcess;
  readonly server: BenchServer;
  readonly client: LoadClient;
  readonly cookie: string | undefined;
}

async function openSession(process: ServerProcess): Promise<Client> {
  const { server, url } = process;
  const cookie = !hasSessions(server) ? undefined : (await Visitor.open(url)).cookie;
  return { process, server, client: new LoadClient(url), cookie };
}

/**
 * Loads the servers by turns in small slices, so that all of them share the machine's good and bad moments. Other programs on the machine
 * only ever add to a slice, so the lower quartile of the slices is what a server costs.
 */
async function alternate(clients: readonly Client[], mode: Mode, requests: number): Promise<number[]> {
  const slices = clients.map((): number[] => []);
  const slice = Math.ceil(requests / SLICES);
  for (let turn = 0; turn < SLICES; turn++) {
    for (const [at, { process, client, cookie }] of clients.entries()) {
      const before = await process.ask('cpu');
      await client.send({ path: `/${mode}`, cookie, requests: slice });
      slices[at]!.push(((await process.ask('cpu')) - before) / slice);
    }
  }
  return slices.map(lowerQuartile);
}

function report(servers: readonly BenchServer[], costs: Costs): string {
  const rows = servers.map((server): Row => {
    const [read, write] = MODES.map((mode) => costs.of(server.id, mode)) as [number, number];
    if (!hasSessions(server)) return [server.label, oneDecimal(read), '', '', oneDecimal(write), '', ''];
    const session = MODES.map((mode) => sessionCostOf(server, mode, costs)) as [number, number];
    const ratios = MODES.map((mode, at) => ratio(server, session[at]!, mode, costs)) as [string, string];
    return [
      `  ${server.label}`,
      oneDecimal(read),
      oneDecimal(session[0]),
      ratios[0],
      oneDecimal(write),
      oneDecimal(session[1]),
      ratios[1],
    ];
  });
  return table(['CPU µs a request', 'read', 'session', 'ratio', 'write', 'session', 'ratio'], rows);
}

function sessionCostOf(server: BenchServer, mode: Mode, costs: Costs): number {
  return costs.of(server.id, mode) - costs.of(`${server.platform}-bare`, mode);
}

function ratio(server: BenchServer, cost: number, mode: Mode, costs: Costs): string {
  const other = SERVERS.find(({ id }) => id === server.against);
  return other ? (cost / sessionCostOf(other, mode, costs)).toFixed(2) : '';
}
