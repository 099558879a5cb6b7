import type { AuditType } from '../storage/audit-log.js';
import type { AuditPolicy } from './audit-policy.js';

/** Who caused an entry; both null if that is not known. */
export interface AuditSource {
  readonly user: string | null;
  /** See `clientNetwork`. */
  readonly network: string | null;
}

/** What is capped separately. */
export interface AuditKind {
  readonly type: AuditType;
  /** Null if all details of the type share one cap. */
  readonly detail: string | null;
}

/**
 * Beyond these numbers no further user or network gets its own `first` entries: this bounds the memory, and the trail.
 */
const MAX_USERS = 10_000;
const MAX_NETWORKS = 500;
const MAX_KINDS = 200;
/** A single client can own a whole IPv6 /48: all its /64 networks together count as this many. */
const NETWORKS_OF_ONE = 4;

/** Counts the entries of the current minute, under the rules of `AuditPolicy`. */
export class AuditCaps {
  readonly #shares = new Map<string, Share>();

  /** Whether one more entry is allowed; it is counted then. */
  admits(kind: AuditKind, policy: AuditPolicy, { user, network }: AuditSource): boolean {
    const share = this.#shareOf(nameOf(kind, this.#shares));
    if (user !== null) return admitUser(share, policy, user, network);
    if (network !== null) return admitNetwork(share, policy, network);
    return takeShared(share, policy);
  }

  /** Starts a new minute. */
  clear(): void {
    this.#shares.clear();
  }

  #shareOf(name: string): Share {
    const share = this.#shares.get(name) ?? new Share();
    this.#shares.set(name, share);
    return share;
  }
}

/**
 * The name under which a kind is counted. Details should be a few fixed words; once there are too many, the type alone
 * is the name.
 */
export function nameOf({ type, detail }: AuditKind, known: ReadonlyMap<string, unknown>): string {
  const name = detail === null ? type : `${type} ${detail}`;
  return known.has(name) || known.size < MAX_KINDS ? name : type;
}

class Share {
  readonly users = new Counts(MAX_USERS);
  readonly networksOfUsers = new Counts(MAX_USERS);
  readonly networks = new Counts(MAX_NETWORKS);
  readonly wideNetworks = new Counts(MAX_NETWORKS);
  shared = 0;
}

/** A user's first entries are written even if others in the network have used up its share. */
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

/** A network's first entries are written in any case, unless it is one of many networks of the same client. */
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

/** Counts by key, for a limited number of keys. */
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
