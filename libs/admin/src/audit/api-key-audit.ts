import { Injectable, Optional, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AuditService } from 'nest-gatehouse/auth';
import { ApiKeyEvents, type ApiKeyEvent, type ApiKeyRefusal } from 'nest-gatehouse/sessman';

const CHANGES = ['api_key.created', 'api_key.rotated', 'api_key.revoked'] as const;

/** Records what happens to API keys, by whomever, and which ones were refused, from where. */
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
    this.#stops.push(
      keys.on('api_key.refused', ({ id, namespace, reason, by }: ApiKeyRefusal) => {
        const key = namespace === null ? id : `${id} in ${namespace}`;
        void this.audit.record('api_key.refused', { ...by, detail: `${reason} ${key}` });
      }),
    );
  }

  onApplicationShutdown(): void {
    for (const stop of this.#stops) stop();
  }
}
