import type { INestApplication, ModuleMetadata } from '@nestjs/common';

/** A server of the benchmark. Another one is another entry in `SERVERS`. */
export interface BenchServer {
  readonly id: string;
  readonly label: string;
  readonly platform: 'fastify' | 'express';
  /** Where sessions are kept; `none`: the server without sessions, to be subtracted. */
  readonly storage: 'none' | 'memory' | 'sqlite' | 'mongodb';
  /** The id of the server that this one is compared with. */
  readonly against?: string;
  /** Only the cost of a request is measured. */
  readonly forCost?: true;
  readonly imports?: () => Promise<ModuleMetadata['imports']>;
  readonly prepare?: (app: INestApplication) => unknown;
}
