import { type HashFlow, HashQueue } from 'nest-gatehouse/auth';

interface Work {
  readonly name: string;
  finish(): void;
}

const AN_HOUR = 3_600_000;

/** A hash queue whose work is made up: each piece lasts until the test ends it. */
export class HashDesk {
  readonly queue: HashQueue;
  /** In the order of their turns. */
  readonly started: string[] = [];
  readonly done: string[] = [];
  readonly refused: string[] = [];
  mostAtOnce = 0;
  readonly #running: Work[] = [];

  constructor({ width = 1, hashQueue = 1_000, hashWait = AN_HOUR } = {}) {
    const before = process.env.UV_THREADPOOL_SIZE;
    process.env.UV_THREADPOOL_SIZE = String(width + 1);
    this.queue = new HashQueue({ hashWait, hashQueue });
    if (before === undefined) delete process.env.UV_THREADPOOL_SIZE;
    else process.env.UV_THREADPOOL_SIZE = before;
  }

  ask(name: string, flow?: HashFlow): void {
    const work = () => {
      this.started.push(name);
      return new Promise<void>((resolve) => {
        this.#running.push({ name, finish: resolve });
        this.mostAtOnce = Math.max(this.mostAtOnce, this.#running.length);
      });
    };
    this.queue.run(work, flow).then(
      () => this.done.push(name),
      (error: unknown) => this.refused.push((error as { code?: unknown }).code === 'busy' ? name : String(error)),
    );
  }

  /** Ends the work that has run for longest, and lets the next one begin. @returns false if there was none */
  async turn(): Promise<boolean> {
    const work = this.#running.shift();
    work?.finish();
    await new Promise(setImmediate);
    return work !== undefined;
  }

  async drain(): Promise<void> {
    while (await this.turn());
  }

  /** @returns after how many turns this one began; never more than `most` are waited for */
  async turnsUntil(name: string, most: number, meanwhile: () => void = () => undefined): Promise<number> {
    const before = this.started.length;
    while (!this.started.includes(name) && this.started.length - before < most) {
      meanwhile();
      await this.turn();
    }
    const at = this.started.indexOf(name);
    return at < 0 ? Infinity : at - before + 1;
  }
}

let count = 0;

function unique(): number {
  return count++;
}

function hex(): string {
  return (unique() % 0xffff).toString(16);
}

function byte(): number {
  return unique() % 256;
}

function stranger(network: string | null, username = `user${unique()}`): HashFlow {
  return { network, username, isKnown: false };
}

/** Ways to ask for many hashes, each from a place of its own. What is alone is not in it. */
export const FLOODS: Readonly<Record<string, () => HashFlow>> = {
  'one network, many usernames': () => stranger('203.0.113.1'),
  'one username at one network': () => stranger('203.0.113.1', 'mallory'),
  'rotating IPv6 /64s of a /48': () => stranger(`2001:db8:1:${hex()}::/64`),
  'rotating IPv6 /48s of a /32': () => stranger(`2001:db8:${hex()}:${hex()}::/64`),
  'a rented IPv4 /24': () => stranger(`203.0.113.${byte()}`),
  'one username everywhere': () => stranger(`${1 + (byte() % 99)}.${byte()}.${byte()}.${byte()}`, 'mallory'),
  'clients that cannot be told': () => stranger(null),
  'one of these': () => stranger(null, 'mallory'),
  'a user at home': () => ({ network: '203.0.113.1', username: 'mallory@home', isKnown: true }),
};
