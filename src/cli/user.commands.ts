import { COMMAND_LINE_ACTOR } from 'nest-gatehouse/auth/http';
import { Option, type Command } from 'commander';
import type { CreatedUser, UserService } from 'nest-gatehouse/auth';
import type { UserRecord } from 'nest-gatehouse/auth/storage';
import { allPages } from './all-pages.js';
import type { Run } from './run.js';
import { CommandRefused } from './failures.js';
import { minute, printable, table, type Outcome } from './output.js';
import { canAsk, readPassword, type PasswordSource } from './password.js';

interface CreateOptions extends PasswordSource {
  readonly role: readonly string[];
}

/** Who does it, for the audit trail. */
const BY = { actorId: COMMAND_LINE_ACTOR };

export function addUserCommands(program: Command, run: Run): void {
  const create = program
    .command('user:create NAME')
    .description('make an account; asks for its password, or prints a one-time one where nobody can be asked')
    .option('--role <role>', 'a role it has; may be repeated', (role, roles: string[]) => [...roles, role], [])
    .addOption(new Option('--password-stdin', 'read the password from the standard input').conflicts('oneTime'))
    .addOption(new Option('--final', 'its owner chose that password: it need not be changed').conflicts('oneTime'))
    .option('--one-time', 'print a password that is good for one sign-in, where it must be changed')
    .action(async (username: string, { role: roles, ...source }: CreateOptions) => {
      const { passwordStdin, final = false } = source;
      if (final && !passwordStdin && !canAsk()) {
        create.error('error: --final is about the password of --password-stdin', { code: 'gatehouse.wrongUsage' });
      }
      await run(async ({ users }) => {
        const password = await readPassword(source);
        return created(await users.create({ username, roles, password, mustChangePassword: !final }, BY));
      });
    });
  program
    .command('user:list')
    .description('all accounts, by name')
    .action(() => run(async ({ users }) => listed(await allPages((page) => users.list(page)))));
  program
    .command('user:disable NAME')
    .description('let nobody sign in with an account, and end its sessions')
    .action((name: string) =>
      run(async ({ users }) => {
        const user = await users.disable(await idOf(users, name), BY);
        return { json: view(user), text: `${printable(user.username)} is disabled, and its sessions have ended.` };
      }),
    );
  program
    .command('user:reset-password NAME')
    .description('print a new one-time password of an account, and end its sessions')
    .action((name: string) =>
      run(async ({ users }) => {
        const id = await idOf(users, name);
        const oneTimePassword = await users.setOneTimePassword(id, BY);
        const { username, roles } = (await users.findById(id)) ?? { username: name, roles: [] };
        const lines = [`The sessions of ${printable(username)} have ended.`, ...oneTimeLines(oneTimePassword)];
        return { json: { id, username, roles, oneTimePassword }, text: lines.join('\n') };
      }),
    );
  program
    .command('user:unlock NAME')
    .description('forget the failed sign-ins of an account')
    .action((name: string) =>
      run(async ({ users }) => {
        const user = await users.unlock(await idOf(users, name), BY);
        return { json: view(user), text: `${printable(user.username)} may sign in again at once.` };
      }),
    );
}

function created({ user, oneTimePassword }: CreatedUser): Outcome {
  const { id, username, roles } = user;
  const lines = [`Made ${printable(username)}${roles.length > 0 ? ` (${roles.join(', ')})` : ''}.`];
  if (oneTimePassword !== undefined) lines.push(...oneTimeLines(oneTimePassword));
  else if (user.mustChangePassword) lines.push('The password must be changed at the first sign-in.');
  return { json: { id, username, roles, oneTimePassword }, text: lines.join('\n') };
}

function oneTimeLines(password: string): string[] {
  return [
    `One-time password: ${password}`,
    'It is shown this once, is good for one sign-in, and must be changed there. If it is not, or not in time, make another by user:reset-password.',
  ];
}

function listed(users: readonly UserRecord[]): Outcome {
  const rows = users.map((user) => [user.username, user.roles.join(' ') || '-', stateOf(user), day(user.lastSignInAt)]);
  const text = table(['NAME', 'ROLES', 'STATE', 'LAST SIGN-IN'], rows, 'There is no account yet.');
  return { json: { items: users.map(view), next: null }, text };
}

function view(user: UserRecord) {
  const { id, username, roles, disabled, mustChangePassword } = user;
  const createdAt = new Date(user.createdAt).toISOString();
  const lastSignInAt = user.lastSignInAt === null ? null : new Date(user.lastSignInAt).toISOString();
  return { id, username, roles, disabled, mustChangePassword, createdAt, lastSignInAt };
}

function stateOf({ disabled, mustChangePassword }: UserRecord): string {
  if (disabled) return 'disabled';
  return mustChangePassword ? 'must change password' : 'active';
}

function day(time: number | null): string {
  return time === null ? 'never' : minute(time);
}

/** @throws CommandRefused 404 `user_not_found` */
export async function idOf(users: UserService, name: string): Promise<string> {
  const user = await users.find(name);
  if (!user) throw new CommandRefused(404, 'user_not_found', 'There is no such user.');
  return user.id;
}
