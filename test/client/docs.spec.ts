import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'nest-gatehouse/client';
import { readText } from '../package/source-files.js';
import { startService, Truth, type Service } from './support/service.js';

const PAGE = readText('docs/client.md');
const blocks = [...PAGE.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, block]) => block!);
const AsyncFunction = (async () => undefined).constructor as new (
  ...code: string[]
) => (...values: unknown[]) => Promise<unknown>;

describe('The code in docs/client.md', () => {
  let service: Service;
  let truth: Truth;

  beforeAll(async () => {
    service = await startService();
    truth = new Truth(service);
  });

  afterAll(() => service.close());

  /** Runs a block against the service, with `more` after it. */
  async function run(block: string, more = ''): Promise<{ result: unknown; printed: unknown[][] }> {
    const printed: unknown[][] = [];
    const console = { log: (...values: unknown[]) => void printed.push(values) };
    const process = { env: { SESSMAN_KEY: service.auth } };
    const imports = /^import \{ (.+) \} from 'nest-gatehouse\/client';$/m.exec(block)![1]!;
    const code = block.replace(/^import .+$/gm, '').replaceAll('https://sessions.example.com', service.url);
    const body = `const { ${imports} } = client; ${code}\n${more}`;
    const result = await new AsyncFunction('client', 'console', 'process', body)(client, console, process);
    return { result, printed };
  }

  it('makes, changes and ends a session', async () => {
    const { printed } = await run(blocks[0]!);
    expect(printed).toEqual([[expect.any(String), 'ada', 4, expect.any(Date), { theme: 'dark', visits: 1 }, 1]]);
    expect(await truth.sessions('ada')).toEqual([]);
  });

  it('adds to a cart that others change', async () => {
    const { session_id } = await client.Session.create('ada', { base_url: service.url, auth: service.auth });
    await run(blocks[1]!, `await Promise.all([1, 2, 3].map((item) => addToCart('${session_id}', item)));`);
    expect(((await truth.session(session_id))!.data['cart'] as number[]).sort()).toEqual([1, 2, 3]);
    expect(blocks).toHaveLength(2);
  });

  it('names every class and every attribute that there is', () => {
    for (const name of Object.keys(client)) expect(PAGE).toContain(`\`${name}`);
    const [, table = ''] = /\* \| attribute([^]*?)\*\n/.exec(readText('libs/client/src/timeout.ts')) ?? [];
    const attributes = [...table.matchAll(/^ \* \| `([\w-]+)` \|/gm)].map(([, name]) => name!);
    expect(attributes.length).toBeGreaterThan(5);
    for (const name of attributes) expect(PAGE).toMatch(new RegExp(`^\\| \`${name}\` \\|`, 'm'));
  });
});
