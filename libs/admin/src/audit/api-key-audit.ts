import { Injectable, Optional, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AuditService } from 'nest-gatehouse/auth';
import { ApiKeyEvents, type ApiKeyEvent } from 'nest-gatehouse/sessman';

const CHANGES = ['api_key.created', 'api_key.rotated', 'api_key.revoked'] as const;

/** Records what happens to API keys, by whomever. */
@Injectable()
export class ApiKeyAudit implements OnModuleInit, OnApplicationShutdown {
  #stops: (() => void)[] = [];

  constructor(
    private readonly audit: AuditService,
    @Optional() private readonly keys?: ApiKeyEvents,
  ) {}

  onModuleInit(): void {
    const { keys } = this;
    if (!keys) return;
    this.#stops = CHANGES.map((type) =>
      keys.on(type, ({ id, namespace, by }: ApiKeyEvent) => {
        void this.audit.record(type, { ...by, detail: `${id} in ${namespace}` });
      }),
    );
  }

  onApplicationShutdown(): void {
    for (const stop of this.#stops) stop();
  }
}
