import type { ServerResponse } from 'node:http';
import { Controller, Get, Header, Req, Res } from '@nestjs/common';
import { Roles, SessionSockets } from 'nest-gatehouse/auth';
import type { HttpRequest } from 'nest-gatehouse/auth/http';
import { leaveQuiet } from 'nest-gatehouse/session/identity';
import { LiveStreams } from './live-streams.js';
import { Stats, type StatsView } from './stats.js';

const ADMIN = 'admin';
const RETRY = 'retry: 2000\n\n';

/** An Express response, or a Fastify reply. */
type StreamedAnswer = ServerResponse | { readonly raw: ServerResponse; hijack(): unknown };

/** What happens now, once or as a stream. */
@Controller()
@Roles(ADMIN)
export class StatsController {
  constructor(
    private readonly stats: Stats,
    private readonly streams: LiveStreams,
    private readonly sockets: SessionSockets,
  ) {}

  @Get('stats')
  @Header('Cache-Control', 'no-store')
  read(): Promise<StatsView> {
    return this.stats.read();
  }

  /** Server-sent events. The stream ends with its session, and with the right to it; it does not count as use. */
  @Get('live')
  async follow(@Req() request: HttpRequest, @Res() answer: StreamedAnswer): Promise<void> {
    await leaveQuiet(request.session!);
    const response = begin(answer);
    if (request.method === 'HEAD') return void response.end();
    let stop = () => undefined as void;
    const end = () => {
      stop();
      response.end();
    };
    const forget = await this.sockets.closeWithSession(request, end, ({ roles }) => roles.includes(ADMIN));
    response.once('close', () => {
      forget();
      stop();
    });
    if (response.closed || response.writableEnded) return;
    stop = await this.streams.open(response);
    if (response.closed || response.writableEnded) stop();
  }
}

function begin(answer: StreamedAnswer): ServerResponse {
  if ('hijack' in answer) answer.hijack();
  const response = 'raw' in answer ? answer.raw : answer;
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    // Proxies such as nginx would collect the events otherwise.
    'X-Accel-Buffering': 'no',
  });
  response.write(RETRY);
  return response;
}
