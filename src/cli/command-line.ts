import { Command, CommanderError } from 'commander';
import type { Configuration } from '../config/settings.js';
import { addApiKeyCommands } from './api-key.commands.js';
import { addCopyCommand } from './copy.command.js';
import { addDoctorCommand } from './doctor/doctor.command.js';
import { addHitsCommands } from './hits.commands.js';
import { describeFailure, printFailure, Reported } from './failures.js';
import { tell } from './output.js';
import type { Run } from './run.js';
import { addRequestCommand } from './request/request.command.js';
import { addSessionCommands } from './session.commands.js';
import { addUserCommands } from './user.commands.js';

const DONE = 0;
const REFUSED = 1;
const WRONG_USAGE = 2;

/** A handle (22 base64url characters) that looks like an option. */
const DASHED_HANDLE = /^-[\w-]{21}$/;
/** What follows these is a username. */
const BEFORE_NAMES = new Set<string | undefined>(['--user', '--owner']);

/** @returns the exit status: 0, 1 (refused) or 2 (wrong usage) */
export async function runCommandLine(
  args: readonly string[],
  configure: () => Promise<Configuration>,
): Promise<number> {
  const isJson = args.includes('--json');
  const run: Run = async (work) => {
    // The commands take long to load, and help does not need them.
    const { withServices } = await import('./services.js');
    tell(await withServices(await configure(), work), isJson);
  };
  try {
    await buildProgram(run, configure, isJson).parseAsync(withHandlesAsOperands(args), { from: 'user' });
    return DONE;
  } catch (error) {
    if (error instanceof Reported) return REFUSED;
    if (error instanceof CommanderError) return finishUsage(error, isJson);
    printFailure(await describeFailure(error), isJson);
    return REFUSED;
  }
}

/** Every 64th handle begins with `-`: it goes behind `--`, where nothing is taken for an option. */
function withHandlesAsOperands(args: readonly string[]): string[] {
  if (args.includes('--')) return [...args];
  const isHandle = (arg: string, index: number) => DASHED_HANDLE.test(arg) && !BEFORE_NAMES.has(args[index - 1]);
  const handles = args.filter(isHandle);
  const others = args.filter((arg, index) => !isHandle(arg, index));
  return handles.length === 0 ? others : [...others, '--', ...handles];
}

function buildProgram(run: Run, configure: () => Promise<Configuration>, isJson: boolean): Command {
  const program = new Command('gatehouse')
    .description(
      'Accounts, sessions, API keys and hits of a Gatehouse server, on the same configuration as the server.',
    )
    .usage('COMMAND [options]')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeErr: (text) => void (isJson || process.stderr.write(text)) })
    .showHelpAfterError('Add --help to see how it is used.');
  addUserCommands(program, run);
  addSessionCommands(program, run);
  addApiKeyCommands(program, run);
  addHitsCommands(program, run);
  addCopyCommand(program, isJson);
  addRequestCommand(program, isJson);
  addDoctorCommand(program, configure, isJson);
  for (const command of program.commands) command.option('--json', 'one JSON document instead of text');
  return program;
}

function finishUsage({ code, message }: CommanderError, isJson: boolean): number {
  if (code === 'commander.helpDisplayed') return DONE;
  if (isJson) {
    const detail = code === 'commander.help' ? 'Name a command.' : message.replace(/^error: /, '');
    printFailure({ status: 400, code: 'wrong_usage', detail }, isJson);
  }
  return WRONG_USAGE;
}
