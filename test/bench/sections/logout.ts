import type { Scale } from '../scale.js';
import { ServerProcess } from '../server-process.js';
import type { BenchServer } from '../servers/bench-server.js';
import { hasSessions, nameOf } from '../servers/catalogue.js';
import { table, type Row } from '../table.js';
import { Visitor } from '../visitor.js';

/** How many sessions live again after their logout, because a request that began before it writes after it. */
export async function revived({ logouts }: Scale, wanted: (server: BenchServer) => boolean): Promise<string> {
  const rows: Row[] = [];
  await ServerProcess.withAll(
    (server) => wanted(server) && hasSessions(server),
    async (servers) => {
      for (const { url, server } of servers) {
        let count = 0;
        for (let number = 0; number < logouts; number++) if (await isRevived(url, number)) count++;
        rows.push([nameOf(server), count]);
      }
    },
  );
  return table([`of ${logouts} logouts`, 'revived'], rows);
}

async function isRevived(url: string, number: number): Promise<boolean> {
  const visitor = await Visitor.open(url);
  const slow = visitor.tryGet(`/paused/${number}`);
  await visitor.until(`/waiting/${number}`);
  const resume = () => visitor.post(`/resume/${number}`);
  // In every other case the slow request writes while the logout is under way, not after its answer.
  await (number % 2 === 0 ? visitor.post('/logout').then(resume) : Promise.all([visitor.post('/logout'), resume()]));
  await (await slow).arrayBuffer();
  return (await visitor.state()).open;
}
