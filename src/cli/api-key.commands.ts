import { type Command, InvalidArgumentError } from 'commander';
import { COMMAND_LINE_ACTOR } from 'nest-gatehouse/auth/http';
import { duration, DURATION_HELP } from 'nest-gatehouse/common';
import type { ApiKeyInfo, CreateApiKey, IssuedApiKey } from 'nest-gatehouse/sessman';
import { allPages } from './all-pages.js';
import { minute, printable, table, type Outcome } from './output.js';
import type { Run } from './run.js';

interface CreateOptions extends Pick<CreateApiKey, 'namespace' | 'owner'> {
  readonly scope: CreateApiKey['scopes'];
  /** Milliseconds from now. */
  readonly expires?: number;
}

/** Who does it, for the audit trail. */
const BY = { actorId: COMMAND_LINE_ACTOR };

export function addApiKeyCommands(program: Command, run: Run): void {
  program
    .command('apikey:create')
    .description('make an API key, and print it once')
    .requiredOption('--namespace <name>', 'the namespace of its sessions')
    .requiredOption('--scope <scope>', 'what it may do; may be repeated', (scope, scopes: string[] = []) => [
      ...scopes,
      scope,
    ])
    .option('--expires <duration>', 'how long it can be used, such as 90d; for ever if not given', milliseconds)
    .option('--owner <name>', 'the account without which it is refused')
    .action(({ namespace, scope: scopes, expires, owner }: CreateOptions) =>
      run(async ({ keys }) => {
        const expiresAt = expires === undefined ? null : Date.now() + expires;
        const made = await keys.create({ namespace, scopes, expiresAt, owner }, BY);
        return issued(`Made an API key for the namespace ${namespace} (${scopes.join(', ')}).`, made);
      }),
    );
  program
    .command('apikey:list')
    .description('all API keys, newest first')
    .action(() => run(async ({ keys }) => listed(await allPages((page) => keys.list(page)))));
  program
    .command('apikey:rotate ID')
    .description('give an API key a new secret, and print it once')
    .option(
      '--overlap <duration>',
      'how long the old secret is still accepted, such as 1h; default not at all',
      milliseconds,
    )
    .action((id: string, { overlap = 0 }: { overlap?: number }) =>
      run(async ({ keys }) => {
        const end = overlap > 0 ? `is accepted until ${minute(Date.now() + overlap)} UTC` : 'is not accepted any more';
        return issued(`The old secret of ${printable(id)} ${end}.`, await keys.rotate(id, { overlap }, BY));
      }),
    );
  program
    .command('apikey:revoke ID')
    .description('delete an API key: it is refused from now on')
    .action((id: string) =>
      run(async ({ keys }) => {
        await keys.revoke(id, BY);
        return { json: { id, revoked: true }, text: `The API key ${printable(id)} is not accepted any more.` };
      }),
    );
}

function issued(sentence: string, { id, key, namespace, scopes, owner, expiresAt }: IssuedApiKey): Outcome {
  const json = { id, key, namespace, scopes, owner: owner ?? undefined, expiresAt: isoTime(expiresAt) };
  const lines = [sentence, `Key: ${key}`, 'It is shown this once. Whoever has it can use it: keep it secret.'];
  return { json, text: lines.join('\n') };
}

function listed(keys: readonly ApiKeyInfo[]): Outcome {
  const rows = keys.map(({ id, namespace, scopes, owner, ownerId, expiresAt, lastUsedAt }) => {
    const owned = owner ?? (ownerId === null ? '-' : 'gone');
    return [id, namespace, scopes.join(' '), owned, timeOr('never', expiresAt), timeOr('never', lastUsedAt)];
  });
  const head = ['ID', 'NAMESPACE', 'SCOPES', 'OWNER', 'EXPIRES', 'LAST USED'];
  return { json: { items: keys.map(view), next: null }, text: table(head, rows, 'There is no API key yet.') };
}

function view({ id, namespace, scopes, owner, createdAt, expiresAt, lastUsedAt }: ApiKeyInfo) {
  const times = { createdAt: isoTime(createdAt), expiresAt: isoTime(expiresAt), lastUsedAt: isoTime(lastUsedAt) };
  return { id, namespace, scopes, owner, ...times };
}

/** @throws InvalidArgumentError for anything but a duration */
function milliseconds(text: string): number {
  const parsed = duration.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError(`${DURATION_HELP}.`);
  return parsed.data;
}

function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

function timeOr(otherwise: string, time: number | null): string {
  return time === null ? otherwise : minute(time);
}
