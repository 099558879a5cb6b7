import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { AuthStorage, type AuditEntry } from 'nest-gatehouse/auth/storage';
import { HitStorage, type HourOfHits } from 'nest-gatehouse/hits/storage';
import { SessionStorage } from 'nest-gatehouse/session';
import { sessionAt } from 'nest-gatehouse/testing';
import { CommandLineModule } from '../../src/cli/services.js';
import { loadConfiguration } from '../../src/config/configuration.js';
import { loadEnvironmentFile } from '../../src/config/environment-file.js';
import { AGENTS, anAddress, oneOf, ROUTES, upTo, USER_AGENTS, USERNAMES } from './people.js';

/**
 * `npm run demo:data`: accounts that nobody can sign in to, sessions live and ended, and a month of hits, in the store that the environment
 * names. Run twice it adds sessions and hits, and leaves the accounts as they are.
 */
const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const LIVE = 200;
const ENDED = 300;
const REASONS = [
  'idle',
  'idle',
  'idle',
  'logout',
  'logout',
  'logout_elsewhere',
  'absolute',
  'limit',
  'replaced',
] as const;
const LIMITS = { maxRoutes: 500, maxAgents: 50, retention: 90 * DAY, dailyRetention: 730 * DAY };

loadEnvironmentFile();
const { configuration } = loadConfiguration(process.env);
if (process.env.NODE_ENV === 'production' || configuration.STORAGE === 'memory') {
  process.stderr.write(
    'Demo data is for a store of a server in development: not with NODE_ENV=production, nor with STORAGE=memory.\n',
  );
  process.exit(1);
}
const context = await NestFactory.createApplicationContext(CommandLineModule.forRoot(configuration), {
  logger: ['error'],
});
const [auth, sessions, hits] = [context.get(AuthStorage), context.get(SessionStorage), context.get(HitStorage)];
const now = Date.now();

const people = await Promise.all(USERNAMES.map(account));
for (let n = 0; n < LIVE; n++) await liveSession(n);
for (let n = 0; n < ENDED; n++) await endedSession();
await hits.store.add({
  writer: randomBytes(16).toString('base64url'),
  number: 1,
  at: now,
  hours: Array.from({ length: 30 * 24 }, (_, n) => hourOf(Math.floor(now / HOUR) * HOUR - n * HOUR)),
  days: Array.from({ length: 30 }, (_, n) => ({
    start: Math.floor(now / DAY) * DAY - n * DAY,
    uniques: 80 + upTo(60),
  })),
  sessions: [],
  limits: LIMITS,
});
await context.close();
process.stdout.write(`${people.length} accounts, ${LIVE} live and ${ENDED} ended sessions, a month of hits.\n`);

async function account(username: string): Promise<{ readonly id: string; readonly username: string }> {
  const known = await auth.users.findByCanonicalUsername(username);
  if (known) return known;
  const createdAt = now - upTo(300) * DAY;
  const roles = upTo(6) === 0 ? ['editor'] : [];
  const id = randomBytes(16).toString('base64url');
  const lastSignInAt = now - upTo(20 * DAY);
  return auth.users.insert({ id, username, canonicalUsername: username, createdAt, roles, lastSignInAt });
}

async function liveSession(n: number): Promise<void> {
  const { id, username } = oneOf(people);
  const who = n % 4 === 0 ? {} : { userId: id, username, amr: ['pwd'] };
  const lastSeenAt = now - upTo(25 * MINUTE);
  const createdAt = lastSeenAt - upTo(6 * HOUR);
  const data = JSON.stringify({ cart: Array.from({ length: upTo(4) }, (_, item) => `article-${item}`) });
  const ends = { idleExpiresAt: lastSeenAt + 30 * MINUTE, absoluteExpiresAt: createdAt + 12 * HOUR };
  await sessions.store.insert(
    sessionAt(now, {
      ...who,
      ...ends,
      authTime: n % 4 === 0 ? null : createdAt,
      createdAt,
      lastSeenAt,
      secretIssuedAt: createdAt,
      expiresAt: Math.min(ends.idleExpiresAt, ends.absoluteExpiresAt),
      ip: anAddress(),
      userAgent: oneOf(USER_AGENTS),
      data,
    }),
  );
}

async function endedSession(): Promise<void> {
  const { id, username } = oneOf(people);
  const handle = randomBytes(16).toString('base64url');
  const reason = oneOf(REASONS);
  const [createdAt, ip, userAgent] = [now - upTo(20 * DAY) - HOUR, anAddress(), oneOf(USER_AGENTS)];
  const at = createdAt + upTo(HOUR);
  const ends = { idleExpiresAt: at, absoluteExpiresAt: createdAt + 12 * HOUR };
  const session = {
    username,
    ip,
    userAgent,
    createdAt,
    lastSeenAt: createdAt,
    ...ends,
    authTime: createdAt,
    amr: ['pwd'],
  };
  const byUser = reason === 'idle' || reason === 'absolute' ? null : id;
  await auth.audit.appendAll([
    entry(createdAt, { type: 'login.ok', actorId: id, userId: id, handle, ip, userAgent, detail: 'pwd' }),
    entry(at, { type: 'session.ended', actorId: byUser, userId: id, handle, detail: reason, session }),
  ]);
}

function entry(at: number, fields: Pick<AuditEntry, 'type'> & Partial<AuditEntry>): AuditEntry {
  const id = at.toString(16).padStart(12, '0') + '000000' + randomBytes(8).toString('hex');
  const nothing = {
    actorId: null,
    userId: null,
    username: null,
    handle: null,
    ip: null,
    userAgent: null,
    detail: null,
  };
  return { id, at, ...nothing, ...fields };
}

/** More by day than by night. */
function hourOf(start: number): HourOfHits {
  const busy = 40 + Math.round(160 * Math.max(0, Math.sin(((new Date(start).getUTCHours() - 6) / 24) * 2 * Math.PI)));
  const total = busy + upTo(30);
  const bots = Math.round(total / 5);
  const share = (part: number) => Math.max(1, Math.round((total * part) / 100));
  return {
    start,
    people: total - bots,
    bots,
    routes: ROUTES.map(([method, route, part]) => {
      const count = share(part);
      const failed = route === '(unmatched)' ? count : Math.round(count / 25);
      return { method, route, status: { '2xx': count - failed, '4xx': failed } };
    }),
    agents: AGENTS.map(([family, bot, part]) => ({ family, bot, total: share(part) })),
  };
}
