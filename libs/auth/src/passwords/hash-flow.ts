/** Whom a hash is for. Who asks for many waits behind their own, not before others. */
export interface HashFlow {
  /** Of the client, as `clientNetwork` has it. Null where it cannot be told: then the username alone tells clients apart. */
  readonly network: string | null;
  /** Canonical, or any other name of whose attempts are counted together. */
  readonly username: string;
  /** Whether the user is signed in, or has signed in from this network before. Every other turn is for these while any of them wait. */
  readonly isKnown: boolean;
}

/** What this application does by itself: one flow, whatever it is. */
export const OWN_FLOW: HashFlow = Object.freeze({ network: null, username: '', isKnown: true });

/**
 * From the whole Internet down to the flow's network: at each branch the turns go round. One who has a /32, /48 or /24 to take addresses from
 * has the turns of one branch, however many addresses they take.
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
