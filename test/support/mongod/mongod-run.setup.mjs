import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Before all suites: where they agree on one mongod, see `mongod-run.ts`. Starts nothing. */
export async function prepareMongod() {
  process.env.GATEHOUSE_MONGOD_RUN = await mkdtemp(join(tmpdir(), 'gatehouse-run-'));
}

/** After all suites: ends the server if one was started, and says in one line if none could be had. */
export async function endMongod() {
  const directory = process.env.GATEHOUSE_MONGOD_RUN;
  const found = await readFile(join(directory, 'server.json'), 'utf8').then(JSON.parse, () => ({}));
  if (found.pid) await end(found.pid);
  if (found.missing) process.stdout.write(`\nMongoDB suites were SKIPPED: ${found.missing}.\n`);
  await rm(directory, { recursive: true, force: true });
}

async function end(pid) {
  const last = Date.now() + 20_000;
  signal(pid, 'SIGTERM');
  while (signal(pid, 0) && !(await isZombie(pid))) {
    if (Date.now() > last) return signal(pid, 'SIGKILL');
    await pause(50);
  }
}

function signal(pid, name) {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** The worker that started it is gone, and in a container there may be nobody to take note of its end. */
async function isZombie(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
}
