import type { Command } from 'commander';
import type { SessionInfo } from 'nest-gatehouse/session';
import { allPages } from './all-pages.js';
import type { Run } from './run.js';
import { CommandRefused } from './failures.js';
import { facts, minute, table, type Outcome } from './output.js';
import type { Services } from './services.js';
import { idOf } from './user.commands.js';

export function addSessionCommands(program: Command, run: Run): void {
  program
    .command('session:list')
    .description('live sessions, newest first')
    .option('--user <name>', 'those of one user')
    .action(({ user }: { user?: string }) =>
      run(async (services) => {
        const filter = user === undefined ? {} : { userId: await idOf(services.users, user) };
        const found = await allPages((page) => services.sessions.find(filter, page));
        return listed(await describeAll(services, found));
      }),
    );
  program
    .command('session:show HANDLE')
    .description('one live session')
    .action((handle: string) =>
      run(async (services) => {
        const session = await services.sessions.read(handle);
        if (!session) throw notFound();
        return shown(session, await describe(services, session));
      }),
    );
  program
    .command('session:end HANDLE')
    .description('end a session')
    .action((handle: string) =>
      run(async ({ sessions }) => {
        if (!(await sessions.end(handle))) throw notFound();
        return { json: { handle, ended: true }, text: `The session ${handle} has ended.` };
      }),
    );
}

interface SessionView {
  readonly handle: string;
  /** Null for an anonymous session, and if the account was deleted. */
  readonly user: string | null;
  readonly ip: string | null;
  readonly device: string | null;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly expiresAt: string;
  readonly state: 'active';
}

function listed(sessions: readonly SessionView[]): Outcome {
  const rows = sessions.map(({ handle, user, ip, device, lastSeenAt, expiresAt }) => {
    return [handle, user ?? '-', ip ?? '-', device ?? '-', minute(lastSeenAt), minute(expiresAt)];
  });
  const text = table(['HANDLE', 'USER', 'ADDRESS', 'DEVICE', 'LAST SEEN', 'ENDS'], rows, 'There is no live session.');
  return { json: { items: sessions, next: null }, text };
}

function shown(session: SessionInfo, view: SessionView): Outcome {
  const { authTime, amr, persistent, idleExpiresAt, absoluteExpiresAt } = session;
  const json = {
    ...view,
    userId: session.userId,
    authTime: authTime === null ? null : isoTime(authTime),
    amr,
    persistent,
    idleExpiresAt: isoTime(idleExpiresAt),
    absoluteExpiresAt: isoTime(absoluteExpiresAt),
  };
  const text = facts({
    Handle: view.handle,
    User: view.user ?? 'anonymous',
    Address: view.ip ?? 'unknown',
    Device: view.device ?? 'unknown',
    Created: minute(view.createdAt),
    'Last seen': minute(view.lastSeenAt),
    Ends: minute(view.expiresAt),
    'At the latest': minute(isoTime(absoluteExpiresAt)),
  });
  return { json, text };
}

async function describeAll(services: Services, sessions: readonly SessionInfo[]): Promise<SessionView[]> {
  const names = new Map<string, Promise<string | null>>();
  const nameOf = (userId: string) => {
    const name = names.get(userId) ?? services.users.findById(userId).then((user) => user?.username ?? null);
    names.set(userId, name);
    return name;
  };
  const { deviceName } = await import('nest-gatehouse/auth/http');
  return Promise.all(
    sessions.map(async ({ handle, userId, ip, userAgent, createdAt, lastSeenAt, expiresAt }) => ({
      handle,
      user: userId === null ? null : await nameOf(userId),
      ip,
      device: deviceName(userAgent),
      createdAt: isoTime(createdAt),
      lastSeenAt: isoTime(lastSeenAt),
      expiresAt: isoTime(expiresAt),
      state: 'active',
    })),
  );
}

async function describe(services: Services, session: SessionInfo): Promise<SessionView> {
  return (await describeAll(services, [session]))[0]!;
}

function notFound(): CommandRefused {
  return new CommandRefused(404, 'session_not_found', 'There is no live session with this handle.');
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
