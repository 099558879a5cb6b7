/** Who a hash is for. Somebody who asks for many hashes waits behind their own, and does not delay others. */
export interface HashFlow {
  /** The client's, see `clientNetwork`. Null if it is unknown: then clients are told apart by username only. */
  readonly network: string | null;
  /** The canonical username, or any other key for attempts that belong together. */
  readonly username: string;
  /**
   * Whether the user is signed in, or has signed in from this network before. Every other turn is for known users while
   * any of them wait.
   */
  readonly isKnown: boolean;
}

/** Hashes that this application makes on its own: all of them are one flow. */
export const OWN_FLOW: HashFlow = Object.freeze({ network: null, username: '', isKnown: true });

/**
 * The path from the whole Internet down to the flow's network; turns go round-robin at each branch. A client that owns
 * a /32, /48 or /24 gets the turns of one branch only, however many addresses it uses.
 */
export function branchesOf({ network, username }: HashFlow): readonly string[] {
  if (network === null) return ['unknown', username];
  if (network.includes(':')) {
    const groups = network.split(':', 3);
    return ['ipv6', groups.slice(0, 2).join(':'), groups.join(':'), network];
  }
  const bytes = network.split('.', 3);
  return ['ipv4', bytes.slice(0, 2).join('.'), bytes.join('.'), network];
}
