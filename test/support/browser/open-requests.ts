import { Agent, request } from 'node:http';
import { once } from 'node:events';
import type { PlainAnswer } from './raw-http.js';

export interface HalfSentRequest {
  /** Sends the rest of the body. */
  finish(): void;
  readonly answer: Promise<PlainAnswer>;
}

/**
 * Posts a form on a connection that has served a request before and would be kept alive, and stops halfway through the body. Resolves when
 * the server has taken the request on, which `Expect: 100-continue` makes it say.
 */
export async function sendHalf(url: string, form: string): Promise<HalfSentRequest> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await warmUp(url, agent);
  const outgoing = request(`${url}/api/code`, {
    agent,
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': form.length,
      expect: '100-continue',
    },
  });
  const answer = new Promise<PlainAnswer>((resolve, reject) => {
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('error', reject).once('end', () => {
        agent.destroy();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
  });
  answer.catch(() => undefined);
  outgoing.flushHeaders();
  await once(outgoing, 'continue');
  const half = Math.ceil(form.length / 2);
  outgoing.write(form.slice(0, half));
  return { finish: () => void outgoing.end(form.slice(half)), answer };
}

async function warmUp(url: string, agent: Agent): Promise<void> {
  const outgoing = request(`${url}/health/live`, { agent });
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [NodeJS.ReadableStream];
  response.resume();
  await once(response, 'end');
}
