import { z } from 'zod';

const time = z.iso.datetime();
const timeOrNull = time.nullable();
const textOrNull = z.string().nullable();
const reason = z.enum([
  'idle',
  'absolute',
  'logout',
  'logout_elsewhere',
  'administrator',
  'password_changed',
  'disabled',
  'deleted',
  'limit',
  'replaced',
  'evicted',
]);

const session = z.strictObject({
  handle: z.string(),
  user: textOrNull,
  userId: textOrNull,
  namespace: textOrNull.meta({ description: 'Of a program’s session; null for all others.' }),
  ip: textOrNull,
  device: textOrNull,
  createdAt: timeOrNull,
  lastSeenAt: timeOrNull,
  expiresAt: timeOrNull,
  state: z.enum(['live', 'anonymous', 'signed-in', 'ended']),
});

const sessionDetails = session.extend({
  idleExpiresAt: timeOrNull,
  absoluteExpiresAt: timeOrNull,
  endsBecause: z.enum(['idle', 'absolute']).nullable(),
  authTime: timeOrNull,
  amr: z.array(z.string()),
  persistent: z.boolean().nullable(),
  hits: z.int().min(0).nullable(),
  keys: z.array(z.string()).meta({ description: 'The names of its data.' }),
  data: z.record(z.string(), z.unknown()).optional(),
  endedAt: time.optional(),
  reason: reason.optional(),
  by: z
    .strictObject({ kind: z.enum(['user', 'administrator', 'system', 'command-line']), name: textOrNull })
    .optional(),
  why: z.string().meta({ description: 'One sentence for people.' }),
  timeline: z.array(
    z.strictObject({ at: time, type: z.string(), detail: textOrNull, ip: textOrNull, actor: textOrNull }),
  ),
});

const user = z.strictObject({
  id: z.string(),
  username: z.string(),
  roles: z.array(z.string()),
  disabled: z.boolean(),
  mustChangePassword: z.boolean(),
  createdAt: time,
  lastSignInAt: timeOrNull,
});

const apiKey = z.looseObject({
  id: z.string(),
  namespace: z.string(),
  scopes: z.array(z.string()),
  owner: textOrNull,
  expiresAt: timeOrNull,
});

const auditEntry = z.strictObject({
  id: z.string(),
  at: time,
  type: z.string(),
  actor: textOrNull,
  actorId: textOrNull,
  user: textOrNull,
  userId: textOrNull,
  username: textOrNull.meta({ description: 'As it was typed at a sign-in that named no account.' }),
  handle: textOrNull,
  ip: textOrNull,
  device: textOrNull,
  userAgent: textOrNull,
  detail: textOrNull,
});

function listOf<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), next: textOrNull });
}

/** The successful answers of the administrator's routes. */
export const administrationAnswers = {
  sessions: listOf(session).extend({ total: z.int().min(0).optional(), totalAt: time.optional() }),
  sessionDetails,
  ended: z.strictObject({ ended: z.int().min(0) }),
  endedOfMatched: z.strictObject({ matched: z.int().min(0), ended: z.int().min(0) }),
  job: z.strictObject({
    state: z.enum(['running', 'done', 'failed']),
    matched: z.int().min(0),
    ended: z.int().min(0),
  }),
  user,
  users: listOf(user),
  userDetails: user.extend({
    sessions: z.int().min(0),
    failures: z.int().min(0),
    blockedUntil: timeOrNull,
    passwordChangedAt: timeOrNull,
  }),
  userCreated: user.omit({ createdAt: true, lastSignInAt: true }).extend({ oneTimePassword: z.string() }),
  userExport: z.looseObject({ exportedAt: time, account: z.looseObject({}), application: z.unknown() }),
  apiKeys: listOf(apiKey),
  apiKeyIssued: apiKey.extend({ key: z.string() }),
  audit: listOf(auditEntry),
  hitSeries: z.strictObject({
    items: z.array(
      z.strictObject({
        start: time,
        total: z.int().min(0),
        people: z.int().min(0),
        bots: z.int().min(0),
        uniques: z.int().min(0).optional(),
      }),
    ),
  }),
  hitRoutes: listOf(
    z.strictObject({
      method: z.string(),
      route: z.string(),
      total: z.int().min(0),
      status: z.record(z.string(), z.int()),
    }),
  ),
  hitAgents: listOf(z.strictObject({ family: z.string(), bot: z.boolean(), total: z.int().min(0) })),
  policy: z.strictObject({
    items: z.array(
      z.strictObject({
        name: z.string(),
        value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
        source: z.enum(['default', 'environment', 'file', 'code']),
      }),
    ),
  }),
} as const;
