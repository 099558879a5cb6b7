import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { onClientWarning, type ClientWarning } from 'nest-gatehouse/common';
import type { DoctorCode } from '../doctor/remedies.js';
import { checkOptions } from '../doctor/start-checks.js';
import { SessionEngine } from '../engine/session-engine.js';

const CODES: Readonly<Record<ClientWarning, DoctorCode>> = {
  proxy: 'proxy_not_trusted',
  'unix socket': 'proxy_not_trusted',
  unreadable: 'proxy_header_unreadable',
};

/** Shows the doctor the options at the start, and what other parts notice while requests are answered. */
@Injectable()
export class DoctorBinding implements OnApplicationBootstrap {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly engine: SessionEngine,
  ) {}

  onApplicationBootstrap(): void {
    const { doctor, options, events } = this.engine;
    checkOptions(doctor, options);
    events.on('session.refused', ({ reason }) => {
      if (reason !== 'duplicate') return;
      const { name } = options.cookie;
      doctor.found(
        'duplicate_cookies',
        `A browser sent two different cookies ${name}; nobody can tell which one is ours.`,
      );
    });
    const server = (this.host.httpAdapter as typeof this.host.httpAdapter | undefined)?.getHttpServer() as
      object | undefined;
    // It is logged where it is noticed.
    if (server) onClientWarning(server, (warning, message) => doctor.found(CODES[warning], message, false));
  }
}
