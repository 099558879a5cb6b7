import { Counts, nameOf, wideNetworkOf, type AuditKind, type AuditSource } from './audit-caps.js';

/** What was left out of one kind of entry. */
export interface LeftOutSummary {
  /** Such as `login.throttled ×1234 from 198.51.100.7`. */
  readonly detail: string;
  /** Where all of them were one user's: that user's trail shows the gap. */
  readonly userId: string | null;
  /** Where all of them came from one IPv4 address. */
  readonly ip: string | null;
}

/** So many networks are told apart, and so many are named. */
const MOST_NETWORKS = 200;
const MOST_NAMED = 5;

/** Counts what the caps leave out until it is summed up. The number is exact; the networks, as far as this memory goes. */
export class LeftOut {
  readonly #tallies = new Map<string, Tally>();

  add(kind: AuditKind, source: AuditSource): void {
    const name = nameOf(kind, this.#tallies);
    const tally = this.#tallies.get(name) ?? new Tally();
    this.#tallies.set(name, tally);
    tally.add(source);
  }

  /** What there is to tell; from here on it is counted anew. */
  take(): LeftOutSummary[] {
    const summaries = [...this.#tallies].map(([name, tally]) => tally.summary(name));
    this.#tallies.clear();
    return summaries;
  }
}

class Tally {
  readonly #networks = new Counts(MOST_NETWORKS);
  /** Where there is no room left for a /64 of its own. */
  readonly #wideNetworks = new Counts(MOST_NETWORKS);
  #count = 0;
  /** Undefined once there was more than one. */
  #userId: string | null | undefined;

  add({ user, network }: AuditSource): void {
    this.#userId = this.#count === 0 || this.#userId === user ? user : undefined;
    this.#count++;
    if (network === null) return;
    if (this.#networks.hasRoomFor(network)) this.#networks.add(network);
    else this.#wideNetworks.add(wideNetworkOf(network) ?? network);
  }

  summary(name: string): LeftOutSummary {
    const networks = grouped([...this.#networks, ...this.#wideNetworks]);
    const known = networks.reduce((sum, [, count]) => sum + count, 0);
    const only = networks.length === 1 && known === this.#count ? networks[0]![0] : null;
    const from = only === null ? this.#origins(networks) : ` from ${only}`;
    return {
      detail: `${name} ×${this.#count}${from}`,
      userId: this.#userId ?? null,
      ip: only === null || only.includes('/') ? null : only,
    };
  }

  #origins(networks: readonly [string, number][]): string {
    if (networks.length === 0) return '';
    const named = networks.slice(0, MOST_NAMED);
    const rest = this.#count - named.reduce((sum, [, count]) => sum + count, 0);
    const origins = named.map(([network, count]) => `${network} ×${count}`);
    if (rest > 0) origins.push(`elsewhere ×${rest}`);
    return ` from ${origins.join(', ')}`;
  }
}

/** Networks of one /48 as that one, the most first. */
function grouped(networks: readonly [string, number][]): [string, number][] {
  const groups = new Map<string, [string, number]>();
  for (const [network, count] of networks) {
    const wide = wideNetworkOf(network) ?? network;
    const group = groups.get(wide);
    groups.set(wide, group ? [wide, group[1] + count] : [network, count]);
  }
  return [...groups.values()].sort(([, a], [, b]) => b - a);
}
