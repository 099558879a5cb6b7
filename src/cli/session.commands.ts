import type { Command } from 'commander';
import type { SessionDetails, SessionView } from 'nest-gatehouse/admin';
import { COMMAND_LINE_ACTOR } from 'nest-gatehouse/auth/http';
import { canonicalUsername } from 'nest-gatehouse/auth/storage';
import { allPages } from './all-pages.js';
import type { Run } from './run.js';
import { CommandRefused } from './failures.js';
import { facts, minute, printable, table, type Outcome } from './output.js';
import { idOf } from './user.commands.js';

const EVERYBODY = { state: 'live', sort: '-createdAt', total: false } as const;

export function addSessionCommands(program: Command, run: Run): void {
  program
    .command('session:list')
    .description('live sessions, newest first')
    .option('--user <name>', 'those of one user')
    .action(({ user }: { user?: string }) =>
      run(async (services) => {
        if (user !== undefined) await idOf(services.users, user);
        return listed(
          await allPages((page) =>
            services.lists.list({ ...page, ...EVERYBODY, user: canonicalUsername(user) ?? undefined }),
          ),
        );
      }),
    );
  program
    .command('session:show HANDLE')
    .description('one session, live or ended: what happened to it, and why it ended')
    .action((handle: string) => run(async ({ details }) => shown(await details.read(handle))));
  program
    .command('session:end HANDLE')
    .description('end a session')
    .action((handle: string) =>
      run(async ({ sessions }) => {
        if (!(await sessions.end(handle, 'administrator', { actorId: COMMAND_LINE_ACTOR }))) throw notFound();
        return { json: { handle, ended: true }, text: `The session ${handle} has ended.` };
      }),
    );
}

function listed(sessions: readonly SessionView[]): Outcome {
  const rows = sessions.map(({ handle, user, ip, device, lastSeenAt, expiresAt }) => {
    return [handle, user ?? '-', ip ?? '-', device ?? '-', time(lastSeenAt), time(expiresAt)];
  });
  const text = table(['HANDLE', 'USER', 'ADDRESS', 'DEVICE', 'LAST SEEN', 'ENDS'], rows, 'There is no live session.');
  return { json: { items: sessions, next: null }, text };
}

function shown(session: SessionDetails): Outcome {
  const { handle, user, ip, device, createdAt, lastSeenAt, expiresAt, absoluteExpiresAt, why, timeline } = session;
  const story = timeline.map(({ at, type, detail, ip: from, actor }) => {
    return [minute(at), type, detail ?? '-', actor ?? '-', from ?? '-'];
  });
  const text = [
    facts({
      Handle: handle,
      User: user ?? 'anonymous',
      Address: ip ?? 'unknown',
      Device: device ?? 'unknown',
      Created: time(createdAt),
      'Last seen': time(lastSeenAt),
      Ends: time(expiresAt),
      'At the latest': time(absoluteExpiresAt),
    }),
    printable(why),
    table(['AT', 'WHAT', 'DETAIL', 'WHO', 'ADDRESS'], story, 'Nothing else is known of it.'),
  ].join('\n\n');
  return { json: session, text };
}

function time(iso: string | null): string {
  return iso === null ? 'unknown' : minute(iso);
}

function notFound(): CommandRefused {
  return new CommandRefused(404, 'session_not_found', 'There is no live session with this handle.');
}
