import ipaddr from 'ipaddr.js';
import { pageQuery } from 'nest-gatehouse/common';
import type { SessionFilter, SessionPage } from 'nest-gatehouse/session/storage';
import { z } from 'zod';
import { text, time, username, usernamePrefix } from '../terms/query-fields.js';

const STATE_HELP = "expected 'live', 'anonymous', 'signed-in' or 'ended'";
const SORT_HELP = "expected 'createdAt', '-createdAt', 'lastSeenAt' or '-lastSeenAt'";
const NO_SORT_HELP =
  "expected no sort with state 'ended': these sessions come in the order of their ends, the latest first; leave it out";
const NETWORK_HELP = "expected an address such as '192.0.2.7', or a range such as '192.0.2.0/24' or '2001:db8::/48'";

const network = text.refine(isNetwork, NETWORK_HELP);

/** The conditions of a list of live sessions, which are also those of what is ended. */
const conditions = {
  user: username.optional(),
  userPrefix: usernamePrefix.optional(),
  ip: network.optional(),
  device: text.optional(),
  namespace: text.optional(),
  createdAfter: time.optional(),
  createdBefore: time.optional(),
  lastSeenBefore: time.optional(),
};

export const sessionFilter = z.strictObject({
  ...conditions,
  state: z.enum(['live', 'anonymous', 'signed-in'], "expected 'live', 'anonymous' or 'signed-in'").optional(),
});

export const sessionListQuery = pageQuery
  .extend({
    ...conditions,
    state: z.enum(['live', 'anonymous', 'signed-in', 'ended'], STATE_HELP).default('live'),
    sort: z.enum(['-createdAt', 'createdAt', '-lastSeenAt', 'lastSeenAt'], SORT_HELP).optional(),
    total: z
      .enum(['true', 'false'], "expected 'true' or 'false'")
      .default('false')
      .transform((given) => given === 'true'),
  })
  .refine(({ state, sort }) => state !== 'ended' || sort === undefined, { path: ['sort'], error: NO_SORT_HELP });

export type SessionConditions = z.output<typeof sessionFilter>;
export type SessionListQuery = z.output<typeof sessionListQuery>;

/** @param userId of the account named by `user`, if there is one */
export function storeFilter(
  { user, userPrefix, state, ip, ...others }: SessionConditions,
  userId: string | undefined,
): SessionFilter {
  const { device, namespace, createdAfter, createdBefore, lastSeenBefore } = others;
  return {
    state,
    userId,
    username: userId === undefined ? user : undefined,
    usernamePrefix: userPrefix,
    network: ip,
    device,
    namespace,
    createdAfter,
    createdBefore,
    lastSeenBefore,
  };
}

export function storePage({ sort = '-createdAt', limit, cursor }: SessionListQuery): SessionPage {
  const descending = sort.startsWith('-');
  return {
    limit,
    cursor,
    sort: (descending ? sort.slice(1) : sort) as SessionPage['sort'],
    order: descending ? 'descending' : 'ascending',
  };
}

function isNetwork(given: string): boolean {
  return ipaddr.isValid(given) || ipaddr.isValidCIDR(given);
}
