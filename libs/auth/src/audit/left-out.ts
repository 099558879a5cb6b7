import { Counts, nameOf, wideNetworkOf, type AuditKind, type AuditSource } from './audit-caps.js';

/** What was left out of one kind of entry. */
export interface LeftOutSummary {
  /** Such as `login.throttled ×1234 from 198.51.100.7`. */
  readonly detail: string;
  /** Set if all of them were of one user, so that the user's trail shows the gap. */
  readonly userId: string | null;
  /** Set if all of them came from one IPv4 address. */
  readonly ip: string | null;
}

/** How many networks are counted separately, and how many are named. */
const MAX_NETWORKS = 200;
const MAX_NAMED = 5;

/**
 * Counts what the caps leave out until it is summed up. The total is exact; the networks are counted up to
 * `MAX_NETWORKS`.
 */
export class LeftOut {
  readonly #tallies = new Map<string, Tally>();

  add(kind: AuditKind, source: AuditSource): void {
    const name = nameOf(kind, this.#tallies);
    const tally = this.#tallies.get(name) ?? new Tally();
    this.#tallies.set(name, tally);
    tally.add(source);
  }

  /** The summaries so far; counting starts again. */
  take(): LeftOutSummary[] {
    const summaries = [...this.#tallies].map(([name, tally]) => tally.summary(name));
    this.#tallies.clear();
    return summaries;
  }
}

class Tally {
  readonly #networks = new Counts(MAX_NETWORKS);
  /** Counts the /48 if there is no room for another /64. */
  readonly #wideNetworks = new Counts(MAX_NETWORKS);
  #count = 0;
  /** Undefined once there was more than one user. */
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
    const named = networks.slice(0, MAX_NAMED);
    const rest = this.#count - named.reduce((sum, [, count]) => sum + count, 0);
    const origins = named.map(([network, count]) => `${network} ×${count}`);
    if (rest > 0) origins.push(`elsewhere ×${rest}`);
    return ` from ${origins.join(', ')}`;
  }
}

/** Joins the networks of one /48; the largest count comes first. */
function grouped(networks: readonly [string, number][]): [string, number][] {
  const groups = new Map<string, [string, number]>();
  for (const [network, count] of networks) {
    const wide = wideNetworkOf(network) ?? network;
    const group = groups.get(wide);
    groups.set(wide, group ? [wide, group[1] + count] : [network, count]);
  }
  return [...groups.values()].sort(([, a], [, b]) => b - a);
}
