import assert from 'node:assert/strict';
import { LoadClient, type Load } from '../load.js';
import type { Scale } from '../scale.js';
import { ServerProcess } from '../server-process.js';
import { SERVERS } from '../servers/catalogue.js';
import { PROGRAM_KEY, PROGRAM_SERVERS } from '../servers/program-servers.js';
import { SESSION_VALUES } from '../servers/session-values.js';
import { lowerQuartile, median } from '../statistics.js';
import { oneDecimal, table, type Row } from '../table.js';

const SLICES = 15;
const HEADERS = { Authorization: `Bearer ${PROGRAM_KEY}` };
const DATA = JSON.stringify({ data: SESSION_VALUES });

type Request = Pick<Load, 'method' | 'path' | 'headers' | 'body'>;

/** The server without sessions, to be subtracted. */
const BARE: Readonly<Record<string, Request>> = { read: { path: '/read' } };

const requestsOf = (id: string): Readonly<Record<string, Request>> => ({
  get: { path: `/sessman/get?sessionid=${id}`, headers: HEADERS },
  update: { method: 'POST', path: `/sessman/update?sessionid=${id}`, headers: HEADERS, body: DATA },
  patch: { method: 'POST', path: `/sessman/patch?sessionid=${id}`, headers: HEADERS, body: '{"increment":{"n":1}}' },
});

interface Measured {
  readonly label: string;
  readonly process: ServerProcess;
  readonly client: LoadClient;
  readonly requests: Readonly<Record<string, Request>>;
  readonly cpu: Record<string, number[]>;
  readonly perSecond: Record<string, number[]>;
}

/** CPU time of the server's process and requests a second, beside the bare server, in one run by turns. */
export async function programCost({ requests }: Scale): Promise<string> {
  const wanted = [...SERVERS.filter(({ id }) => id === 'fastify-bare'), ...PROGRAM_SERVERS];
  const measured: Measured[] = [];
  try {
    for (const server of wanted) measured.push(await open(await ServerProcess.start(server)));
    const slice = Math.ceil(requests / SLICES);
    // The first turns only warm up.
    for (let turn = -5; turn < SLICES; turn++) {
      for (const one of measured)
        for (const name of Object.keys(one.requests)) await measure(one, name, slice, turn >= 0);
    }
    const bare = lowerQuartile(measured[0]!.cpu['read']!);
    return table(
      ['', 'CPU µs', 'above bare', 'requests/s'],
      measured.flatMap((one) => rowsOf(one, bare)),
    );
  } finally {
    for (const { client } of measured) client.close();
    await Promise.all(measured.map(({ process }) => process.stop()));
  }
}

async function open(process: ServerProcess): Promise<Measured> {
  const { server, url } = process;
  const id = server.storage === 'none' ? undefined : await newSession(url);
  const requests = id === undefined ? BARE : requestsOf(id);
  return { label: server.label, process, client: new LoadClient(url), requests, cpu: {}, perSecond: {} };
}

/** Checks the service before it is measured. */
async function newSession(url: string): Promise<string> {
  const init = { method: 'POST', headers: HEADERS };
  const made = await fetch(`${url}/sessman/new?userid=ada`, { ...init, body: DATA });
  const { session_id: id } = (await made.json()) as { session_id: string };
  const body = '{"increment":{"visits":2}}';
  await fetch(`${url}/sessman/patch?sessionid=${id}`, { ...init, body });
  const got = await fetch(`${url}/sessman/get?sessionid=${id}`, { headers: HEADERS });
  assert.deepEqual(((await got.json()) as { data: unknown }).data, { ...SESSION_VALUES, visits: 2 });
  return id;
}

async function measure(one: Measured, name: string, requests: number, counts: boolean): Promise<void> {
  const { process, client } = one;
  const before = await process.ask('cpu');
  const start = performance.now();
  await client.send({ ...one.requests[name]!, requests });
  const seconds = (performance.now() - start) / 1_000;
  const cpu = ((await process.ask('cpu')) - before) / requests;
  if (!counts) return;
  (one.cpu[name] ??= []).push(cpu);
  (one.perSecond[name] ??= []).push(requests / seconds);
}

function rowsOf({ label, requests, cpu, perSecond }: Measured, bare: number): Row[] {
  return Object.keys(requests).map((name) => {
    const cost = lowerQuartile(cpu[name]!);
    return [`${label}: ${name}`, oneDecimal(cost), oneDecimal(cost - bare), Math.round(median(perSecond[name]!))];
  });
}
