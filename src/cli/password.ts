import { text } from 'node:stream/consumers';
import { CommandRefused } from './failures.js';

export interface PasswordSource {
  readonly passwordStdin?: boolean;
  readonly oneTime?: boolean;
  /** The password was chosen by its owner. */
  readonly final?: boolean;
}

/** Whether a person at a terminal can be asked for a password. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Undefined if a one-time password should be made: it was requested, or nobody can be asked. */
export async function readPassword({ passwordStdin, oneTime }: PasswordSource): Promise<string | undefined> {
  if (passwordStdin) return readLine();
  if (oneTime || !canAsk()) return undefined;
  return askTwice();
}

/** Removes the line break that `echo` and editors add. */
async function readLine(): Promise<string> {
  const password = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (password === '') throw new CommandRefused(400, 'password_missing', 'There is no password on the standard input.');
  return password;
}

/** Prompts on standard error, because standard output is for the result. */
async function askTwice(): Promise<string> {
  const { default: ask } = await import('@inquirer/password');
  const output = { output: process.stderr };
  const password = await ask({ message: 'Password' }, output);
  const again = await ask({ message: 'Password again' }, output);
  if (password !== again)
    throw new CommandRefused(400, 'passwords_differ', 'The two are not the same. Nothing was done.');
  return password;
}
