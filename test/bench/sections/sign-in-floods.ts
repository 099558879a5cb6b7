import { p99 } from '../statistics.js';
import { oneDecimal, table, type Row } from '../table.js';
import { login, PASSWORD, WRONG } from './sign-in-server.js';

const AT_ONCE = 300;
/** Of an attacker that was refused, in milliseconds: what is measured is the queue, and not how many requests a machine can answer. */
const PAUSE = 200;

type Attempt = (url: string, n: number) => Promise<Response>;

const FLOODS: Readonly<Record<string, Attempt | null>> = {
  alone: null,
  [`${AT_ONCE} correct sign-ins of one account at once`]: (url) => login(url, 'mallory', PASSWORD, '203.0.113.1'),
  [`${AT_ONCE} guesses from rotating IPv6 /64s at once`]: (url, n) =>
    login(url, `user${n}`, WRONG, `2001:db8:${(n >> 16).toString(16)}:${(n & 0xffff).toString(16)}::1`),
};

/** How long a stranger's sign-in takes while others ask for hashes as fast as they get them. */
export async function signInsDuringFloods(url: string, strangers: number): Promise<string> {
  const rows: Row[] = [];
  let address = 0;
  for (const [name, attempt] of Object.entries(FLOODS)) {
    const stop = attempt ? await flood(url, attempt) : () => Promise.resolve();
    const times: number[] = [];
    let refused = 0;
    for (let n = 0; n < strangers; n++) {
      // From where nobody has signed in before.
      const from = `198.18.${address >> 8}.${address++ & 0xff}`;
      const began = performance.now();
      const { status } = await login(url, 'sam', PASSWORD, from);
      times.push(performance.now() - began);
      if (status !== 200) refused++;
    }
    await stop();
    rows.push([name, oneDecimal(p99(times)), refused]);
  }
  return table([`a stranger's sign-in, ${strangers} each`, 'p99 ms', 'refused'], rows);
}

/** Resolves when it has begun. @returns stops it */
async function flood(url: string, attempt: Attempt): Promise<() => Promise<void>> {
  let goesOn = true;
  let count = 0;
  const attack = async () => {
    while (goesOn) {
      const { status } = await attempt(url, count++);
      if (status === 503) await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  };
  const attackers = Array.from({ length: AT_ONCE }, attack);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return async () => {
    goesOn = false;
    await Promise.all(attackers);
  };
}
