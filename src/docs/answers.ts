import { z } from 'zod';

const handle = z.string().meta({ description: 'Public: it may stand in a log, and opens nothing.' });
const time = z.iso.datetime();

const activeSession = z.strictObject({
  active: z.literal(true),
  handle,
  createdAt: time,
  lastSeenAt: time,
  idleExpiresAt: time,
  absoluteExpiresAt: time,
  persistent: z.boolean().meta({ description: 'Whether the cookie outlives the browser.' }),
});

const mySession = z.strictObject({
  handle,
  current: z.boolean(),
  device: z.string().nullable(),
  ip: z.string().nullable(),
  createdAt: time,
  lastSeenAt: time,
  expiresAt: time,
});

const programSession = z.strictObject({
  session_id: handle,
  user: z.string(),
  data: z.record(z.string(), z.unknown()),
  expires_at: time,
  version: z.int().min(1).meta({ description: 'Rises with each change of the data; the ETag is the same in quotes.' }),
});

const count = z.int().min(0);

const stats = z.strictObject({
  at: time,
  sessions: z.strictObject({ live: count, signedIn: count, anonymous: count }),
  perMinute: z.strictObject({
    opened: count,
    ended: z.record(z.string(), count).meta({ description: 'By reason.' }),
    logins: z.strictObject({ ok: count, failed: count, throttled: count }),
    conflicts: count,
    lockWaits: count,
  }),
  store: z.strictObject({ p50Ms: z.number().nullable(), p99Ms: z.number().nullable() }),
  doctor: count.meta({ description: 'How many different things the doctor has found.' }),
});

const finding = z.strictObject({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  count: z.int().min(1),
  lastSeenAt: time,
});

const health = z.record(z.string(), z.looseObject({ status: z.enum(['up', 'down']) }));

/** The successful answers of the routes. */
export const answers = {
  code: z.strictObject({ result: z.string().nullable() }),
  codeSet: z.strictObject({ result: z.literal('set') }),
  session: z.union([
    z.strictObject({ active: z.literal(false) }),
    activeSession.extend({
      hits: z.int().min(0).meta({ description: 'The requests of this session before this one.' }),
    }),
  ]),
  hits: z.strictObject({ total: z.int().min(0) }),
  signedIn: z.strictObject({
    user: z.strictObject({
      id: z.string(),
      username: z.string(),
      roles: z.array(z.string()),
      mustChangePassword: z.boolean(),
    }),
    session: activeSession,
  }),
  mySessions: z.strictObject({ items: z.array(mySession), next: z.string().nullable() }),
  ended: z.strictObject({ ended: z.int().min(0) }),
  programSession,
  programSessions: z.strictObject({ items: z.array(programSession), next: z.string().nullable() }),
  programSessionsFound: z.strictObject({ items: z.array(programSession), missing: z.array(z.string()) }),
  stats,
  findings: z.strictObject({ items: z.array(finding) }),
  live: z.strictObject({ status: z.literal('ok') }),
  ready: z.strictObject({ status: z.literal('ok'), info: health, error: health, details: health }),
} as const;

export const problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().meta({ description: 'Stable, in snake_case: what programs match.' }),
  errors: z.array(z.strictObject({ field: z.string(), message: z.string() })).optional(),
});
