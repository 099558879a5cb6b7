import assert from 'node:assert/strict';
import { LoadClient } from '../load.js';
import type { Scale } from '../scale.js';
import { ServerProcess } from '../server-process.js';
import { SERVERS } from '../servers/catalogue.js';
import { HIT_SERVERS } from '../servers/hit-servers.js';
import { lowerQuartile, median } from '../statistics.js';
import { oneDecimal, table, type Row } from '../table.js';
import { Visitor } from '../visitor.js';

const SLICES = 40;
const HEADERS = { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' };
const KINDS = ['stranger', 'session'] as const;
type Kind = (typeof KINDS)[number];

interface Measured {
  readonly process: ServerProcess;
  readonly client: LoadClient;
  readonly cookie: string | undefined;
  readonly cpu: Record<Kind, number[]>;
  sent: number;
}

/** What counting a request costs: CPU time of the server's process, beside the same server that does not count. */
export async function hitCost({ requests }: Scale): Promise<string> {
  const others = ['fastify-bare', ...HIT_SERVERS.map(({ against }) => against)];
  const wanted = [...SERVERS.filter(({ id }) => others.includes(id)), ...HIT_SERVERS];
  const measured: Measured[] = [];
  try {
    for (const server of wanted) measured.push(await open(await ServerProcess.start(server)));
    for (const one of measured) await checkCount(one, requests);
    const slice = Math.ceil(requests / SLICES);
    // The first turns only warm up.
    for (let turn = -8; turn < SLICES; turn++) {
      for (const kind of KINDS) for (const one of measured) await measure(one, kind, slice, turn >= 0);
    }
    for (const one of measured) await checkTotal(one);
    return report(measured);
  } finally {
    for (const { client } of measured) client.close();
    await Promise.all(measured.map(({ process }) => process.stop()));
  }
}

async function open(process: ServerProcess): Promise<Measured> {
  const { server, url } = process;
  const cookie = server.storage === 'none' ? undefined : (await Visitor.open(url)).cookie;
  const sent = cookie === undefined ? 0 : 1;
  return { process, client: new LoadClient(url), cookie, cpu: { stranger: [], session: [] }, sent };
}

/** A counter that misses a request is fast for nothing. @throws AssertionError */
async function checkCount(one: Measured, requests: number): Promise<void> {
  await one.client.send({ path: '/read', headers: HEADERS, requests });
  one.sent += requests;
  await checkTotal(one);
}

async function checkTotal({ process, sent }: Measured): Promise<void> {
  if (!process.server.id.endsWith('-hits')) return;
  const answer = await fetch(`${process.url}/counted`);
  assert.equal(await answer.json(), sent);
}

async function measure(one: Measured, kind: Kind, requests: number, counts: boolean): Promise<void> {
  const { process, client } = one;
  const cookie = kind === 'session' ? one.cookie : undefined;
  const before = await process.ask('cpu');
  await client.send({ path: '/read', headers: HEADERS, cookie, requests });
  const cpu = ((await process.ask('cpu')) - before) / requests;
  one.sent += requests;
  if (counts) one.cpu[kind].push(cpu);
}

function report(measured: readonly Measured[]): string {
  const cpuOf = (id: string, kind: Kind) => measured.find(({ process }) => process.server.id === id)!.cpu[kind];
  const rows = measured.map(({ process: { server }, cpu }): Row => {
    const cells = KINDS.flatMap((kind) => {
      const cost = oneDecimal(lowerQuartile(cpu[kind]));
      if (!server.id.endsWith('-hits')) return [cost, '', ''];
      // Turn by turn, so that both have met the same moments of the machine.
      const without = cpuOf(server.against!, kind);
      const hit = median(cpu[kind].map((microseconds, turn) => microseconds - without[turn]!));
      return [cost, oneDecimal(hit), (hit / lowerQuartile(cpuOf('fastify-bare', kind))).toFixed(3)];
    });
    return [server.label, ...cells];
  });
  const head = KINDS.flatMap((kind) => [`${kind}, CPU µs`, 'hit', 'of the bare server']);
  return table(['', ...head], rows);
}
