import type { Command } from 'commander';
import type { Configuration } from '../../config/settings.js';
import { CommandRefused, Reported } from '../failures.js';
import { table, tell } from '../output.js';
import { notReached, readUrl } from '../request/request.command.js';

/** From outside, against a server that runs. @param configure read only where no URL is given */
export function addDoctorCommand(program: Command, configure: () => Promise<Configuration>, isJson: boolean): void {
  const command = program
    .command('doctor [URL]')
    .description('find out why a cookie is not set: visit a running server as a browser would')
    .action(async (text: string | undefined) => {
      const url =
        (text === undefined ? urlOf(await configure()) : readUrl(text)) ??
        command.error('error: URL must be an address such as http://localhost:3000/', { code: 'gatehouse.wrongUsage' });
      const { examineServer } = await import('./examine-server.js');
      const items = await examineServer(url).catch((error: unknown) => {
        throw notReached(url, error);
      });
      const rows = items.map(({ code, message, remedy }) => [code, message, remedy]);
      const whenEmpty = `Nothing is wrong at ${url.href}, as far as can be seen from outside.`;
      tell({ json: { items }, text: table(['CODE', 'WHAT', 'REMEDY'], rows, whenEmpty) }, isJson);
      if (items.length > 0) throw new Reported();
    });
}

function urlOf({ HOST, PORT }: Configuration): URL {
  if (PORT === 0) throw new CommandRefused(400, 'url_missing', 'With PORT=0 the port is not known: name the URL.');
  const host = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[HOST] ?? (HOST.includes(':') ? `[${HOST}]` : HOST);
  return new URL(`http://${host}:${PORT}/`);
}
