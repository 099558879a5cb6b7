import type { Command } from 'commander';
import type { CopyCounts } from './copy-sessions.js';
import { CommandRefused } from './failures.js';
import { tell } from './output.js';

interface CopyOptions {
  readonly from: string;
  readonly to: string;
}

const ADDRESS = 'sqlite:FILE, mongodb://… or mongodb+srv://…; with a password env:NAME of a variable that has it';

/** Unlike the other commands it works on the two stores given as arguments, not on that of the configuration. */
export function addCopyCommand(program: Command, isJson: boolean): void {
  program
    .command('session:copy')
    .description(
      'copy live sessions from one store to another while no server uses either; accounts stay where they are',
    )
    .requiredOption('--from <store>', ADDRESS)
    .requiredOption('--to <store>', ADDRESS)
    .action(async (options: CopyOptions) => {
      const counts = await copy(options);
      tell({ json: counts, text: sentenceOf(counts) }, isJson);
    });
}

async function copy({ from, to }: CopyOptions): Promise<CopyCounts> {
  const { openPlace } = await import('./session-place.js');
  const { copySessions, StrangerSessionsError } = await import('./copy-sessions.js');
  const source = await openPlace('--from', from, true);
  try {
    const target = await openPlace('--to', to, false);
    try {
      return await copySessions(source, target);
    } catch (error) {
      throw error instanceof StrangerSessionsError ? new CommandRefused(409, 'target_in_use', error.message) : error;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

function sentenceOf({ copied, present, replaced, over }: CopyCounts): string {
  return `Copied ${copied} sessions. ${present} were there already, ${replaced} were replaced by what they are now, ${over} have ended meanwhile.`;
}
