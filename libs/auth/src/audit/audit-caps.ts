import type { AuditType } from '../storage/audit-log.js';
import type { AuditPolicy } from './audit-policy.js';

/** Who or what caused an entry; both null where that is not known. */
export interface AuditSource {
  readonly user: string | null;
  /** See `clientNetwork`. */
  readonly network: string | null;
}

/** What has a cap of its own. */
export interface AuditKind {
  readonly type: AuditType;
  /** Null where all details of the type share one. */
  readonly detail: string | null;
}

/** More than so many at once have no first ones of their own: the memory is bounded, and so is the trail. */
const MOST_USERS = 10_000;
const MOST_NETWORKS = 500;
const MOST_KINDS = 200;
/** Of networks of one /48, which a single client can have: these count as so many. */
const NETWORKS_OF_ONE = 4;

/** Counts what one minute has had, under the rules of `AuditPolicy`. */
export class AuditCaps {
  readonly #shares = new Map<string, Share>();

  /** Whether there is room for one more, which is counted then. */
  admits(kind: AuditKind, policy: AuditPolicy, { user, network }: AuditSource): boolean {
    const share = this.#shareOf(nameOf(kind, this.#shares));
    if (user !== null) return admitUser(share, policy, user, network);
    if (network !== null) return admitNetwork(share, policy, network);
    return takeShared(share, policy);
  }

  /** A new minute. */
  clear(): void {
    this.#shares.clear();
  }

  #shareOf(name: string): Share {
    const share = this.#shares.get(name) ?? new Share();
    this.#shares.set(name, share);
    return share;
  }
}

/** What to call it among those that are known already: details are few and fixed words, and where they are not, the type stands for them. */
export function nameOf({ type, detail }: AuditKind, known: ReadonlyMap<string, unknown>): string {
  const name = detail === null ? type : `${type} ${detail}`;
  return known.has(name) || known.size < MOST_KINDS ? name : type;
}

class Share {
  readonly users = new Counts(MOST_USERS);
  readonly networksOfUsers = new Counts(MOST_USERS);
  readonly networks = new Counts(MOST_NETWORKS);
  readonly wideNetworks = new Counts(MOST_NETWORKS);
  shared = 0;
}

/** A user's first ones are written even where others of the network have used up its share. */
function admitUser(share: Share, policy: AuditPolicy, user: string, network: string | null): boolean {
  const { users, networksOfUsers } = share;
  if (users.of(user) >= policy.perUser) return false;
  const isFirst = users.of(user) < policy.first && users.hasRoomFor(user);
  if (!isFirst) {
    if (network !== null && networksOfUsers.of(network) >= policy.perNetwork) return false;
    if (!takeShared(share, policy)) return false;
  }
  users.add(user);
  if (network !== null) networksOfUsers.add(network);
  return true;
}

/** The first ones of a network are its own, but for one that is one of many of the same client. */
function admitNetwork(share: Share, policy: AuditPolicy, network: string): boolean {
  const { networks, wideNetworks } = share;
  const wide = wideNetworkOf(network);
  if (networks.of(network) >= policy.perNetwork) return false;
  if (wide !== null && wideNetworks.of(wide) >= policy.perNetwork * NETWORKS_OF_ONE) return false;
  const isFirst = networks.of(network) < policy.first && networks.hasRoomFor(network);
  if (!isFirst && !takeShared(share, policy)) return false;
  networks.add(network);
  if (wide !== null) wideNetworks.add(wide);
  return true;
}

function takeShared(share: Share, policy: AuditPolicy): boolean {
  if (share.shared >= policy.shared) return false;
  share.shared++;
  return true;
}

/** The /48 around an IPv6 /64; null for anything else. */
export function wideNetworkOf(network: string): string | null {
  return network.endsWith('::/64') ? `${network.split(':', 3).join(':')}::/48` : null;
}

/** Numbers by key, of so many keys at most. */
export class Counts {
  readonly #counts = new Map<string, number>();

  constructor(private readonly most: number) {}

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  hasRoomFor(key: string): boolean {
    return this.#counts.has(key) || this.#counts.size < this.most;
  }

  add(key: string, by = 1): void {
    if (this.hasRoomFor(key)) this.#counts.set(key, this.of(key) + by);
  }

  [Symbol.iterator](): Iterator<[string, number]> {
    return this.#counts[Symbol.iterator]();
  }
}
