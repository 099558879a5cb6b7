import { Controller, Get, Header, HttpException } from '@nestjs/common';
import { HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { Public } from 'nest-gatehouse/auth';
import { type FieldError, ProblemException } from 'nest-gatehouse/common';
import { ServerState } from './server-state.js';
import { SessionStoreHealth } from './session-store.health.js';

const RETRY_SOON = 1;

@Controller('health')
@Public()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly sessionStore: SessionStoreHealth,
    private readonly server: ServerState,
  ) {}

  /** Whether the process runs. Checks nothing else, so that a failing store never gets a healthy process restarted. */
  @Get('live')
  @Header('Cache-Control', 'no-store')
  live() {
    return { status: 'ok' };
  }

  /** Whether requests can be served now. */
  @Get('ready')
  @Header('Cache-Control', 'no-store')
  async ready(): Promise<HealthCheckResult> {
    if (this.server.isStopping) throw unready([{ field: 'server', message: 'is stopping' }]);
    try {
      return await this.health.check([() => this.sessionStore.check()]);
    } catch (error) {
      throw notReady(error);
    }
  }
}

function notReady(error: unknown): unknown {
  const result = error instanceof HttpException ? (error.getResponse() as Partial<HealthCheckResult>) : {};
  if (result.details === undefined) return error;
  const down = Object.entries(result.details).filter(([, part]) => part.status === 'down');
  const errors = down.map(([field, part]) => ({ field, message: String(part['message'] ?? 'down') }));
  return unready(errors.length > 0 ? errors : [{ field: 'server', message: 'is stopping' }]);
}

function unready(errors: readonly FieldError[]): ProblemException {
  const detail = `Not ready: ${errors.map(({ field, message }) => `${field} ${message}`).join(', ')}.`;
  return new ProblemException(503, 'not_ready', detail, { errors, retryAfter: RETRY_SOON });
}
