import { ServerProcess } from '../server-process.js';
import type { BenchServer } from '../servers/bench-server.js';
import { hasSessions } from '../servers/catalogue.js';
import { Visitor, type SessionState } from '../visitor.js';

/** A server that does less than it should is fast for nothing. @throws Error */
export async function checkServers(wanted: (server: BenchServer) => boolean): Promise<string> {
  const count = await ServerProcess.withAll(
    (server) => wanted(server) && hasSessions(server),
    async (servers) => {
      for (const server of servers) await check(server);
      return servers.length;
    },
  );
  return `${count} servers keep what is written to a session, apart from other sessions, until it is ended.`;
}

async function check({ url, server }: ServerProcess): Promise<void> {
  const one = await Visitor.open(url);
  const two = await Visitor.open(url);
  for (let visit = 0; visit < 3; visit++) await one.get('/write');
  await one.get('/increment');
  await one.get('/keys/key1');
  expectState(server, 'after four visits and a key', await one.state(), { open: true, visits: 4, keys: 1 });
  expectState(server, 'of another session', await two.state(), { open: true, visits: 0, keys: 0 });
  await one.post('/logout');
  expectState(server, 'after logout', await one.state(), { open: false, visits: 0, keys: 0 });
}

function expectState(server: BenchServer, when: string, state: SessionState, expected: SessionState): void {
  if (JSON.stringify(state) === JSON.stringify(expected)) return;
  throw new Error(`${server.id}: ${JSON.stringify(state)} ${when}, expected ${JSON.stringify(expected)}.`);
}
