import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scale } from '../scale.js';
import { median, p99 } from '../statistics.js';
import { oneDecimal, table, type Row } from '../table.js';
import { signInsDuringFloods } from './sign-in-floods.js';
import { commandLine, createUser, login, PASSWORD, start, WRONG } from './sign-in-server.js';

/** The kinds of a refused sign-in that nobody may tell apart, and what one hash costs. */
const REFUSED = [
  ['unknown user', 'nobody'],
  ['disabled user', 'disabled'],
  ['wrong password', 'alice'],
  ['wrong password, hash of a higher cost', 'bob'],
] as const;

/** Whether the time of a refusal tells who exists, and whether a burst of sign-ins leaves the rest of the server responsive. */
export async function signInTimes({ signIns }: Scale): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'));
  const env = {
    ...process.env,
    SQLITE_FILE: join(directory, 'bench.db'),
    PORT: '0',
    TRUST_PROXY: 'loopback',
    LOG_LEVEL: 'fatal',
    LOGIN_FREE_FAILURES: '100000',
    LOGIN_HARD_LIMIT: '100000',
    LOGIN_NETWORK_LIMIT: '0',
    MAX_SESSIONS_PER_USER: '1000',
  };
  try {
    for (const name of ['alice', 'disabled', 'mallory', 'sam']) await createUser(env, name);
    await createUser({ ...env, BCRYPT_COST: '13' }, 'bob');
    await commandLine(env, ['user:disable', 'disabled']);
    const server = await start(env);
    try {
      const parts = [
        await refusals(server.url, signIns.refused),
        await burst(server.url, signIns.burst),
        await signInsDuringFloods(server.url, signIns.strangers),
      ];
      return parts.join('\n\n');
    } finally {
      server.child.kill('SIGTERM');
    }
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function refusals(url: string, samples: number): Promise<string> {
  const times = new Map<string, number[]>(REFUSED.map(([kind]) => [kind, []]));
  // In turns, so that a busy moment of the machine falls on all alike.
  for (let round = 0; round < samples; round++) {
    for (const [kind, username] of REFUSED) {
      const began = performance.now();
      const response = await login(url, username, WRONG);
      times.get(kind)!.push(performance.now() - began);
      if (response.status !== 401) throw new Error(`${kind} was answered ${response.status}.`);
    }
  }
  const reference = median(times.get('wrong password')!);
  const rows = [...times].map(([kind, all]): Row => [kind, oneDecimal(median(all)), ratio(median(all) / reference)]);
  return table([`refused, ${samples} each, in turns`, 'median ms', 'of a wrong password'], rows);
}

async function burst(url: string, logins: number): Promise<string> {
  const session = (await login(url, 'alice', PASSWORD)).headers.getSetCookie()[0]!.split(';')[0]!;
  const probe = async (path: string) => {
    const began = performance.now();
    const response = await fetch(url + path, { headers: { cookie: session } });
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`${path} was answered ${response.status}.`);
    return performance.now() - began;
  };
  const paths = ['/health/live', '/auth/me'];
  const before = await Promise.all(
    paths.map((path) =>
      repeat(
        () => probe(path),
        (done) => done >= 200,
      ),
    ),
  );
  let open = logins;
  const all = Array.from({ length: logins }, () => login(url, 'alice', PASSWORD).finally(() => open--));
  const during = await Promise.all(
    paths.map((path) =>
      repeat(
        () => probe(path),
        () => open === 0,
      ),
    ),
  );
  const statuses = (await Promise.all(all)).map(({ status }) => status);
  const rows = paths.map((path, at): Row => [path, oneDecimal(p99(before[at]!)), oneDecimal(p99(during[at]!))]);
  const succeeded = statuses.filter((status) => status === 200).length;
  const busy = statuses.filter((status) => status === 503).length;
  return `${table([`p99 in ms`, 'before', `during ${logins} sign-ins`], rows)}\n\n${succeeded} signed in, ${busy} were answered 503 busy.`;
}

async function repeat(probe: () => Promise<number>, isOver: (done: number) => boolean): Promise<number[]> {
  const times: number[] = [];
  while (!isOver(times.length)) times.push(await probe());
  return times;
}

function ratio(value: number): number {
  return Math.round(value * 1000) / 1000;
}
