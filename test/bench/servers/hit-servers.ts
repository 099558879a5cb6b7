import { Controller, Get, Module } from '@nestjs/common';
import { HitService, HitsModule, MemoryHitStorageModule, SkipHits } from 'nest-gatehouse/hits';
import type { BenchServer } from './bench-server.js';
import { SERVERS } from './catalogue.js';

@SkipHits()
@Controller('counted')
class CountedController {
  constructor(private readonly hits: HitService) {}

  @Get()
  total() {
    return this.hits.total();
  }
}

@Module({ controllers: [CountedController] })
class CountedModule {}

/** The same servers as those that they are compared with, with every request counted. */
export const HIT_SERVERS: readonly BenchServer[] = [
  counting('fastify-memory', [MemoryHitStorageModule.forRoot()]),
  counting('fastify-sqlite', []),
];

function counting(id: string, storage: readonly object[]): BenchServer {
  const server = SERVERS.find((candidate) => candidate.id === id)!;
  return {
    ...server,
    id: `${id}-hits`,
    label: `${server.label}, with hits`,
    against: id,
    imports: async () => [...(await server.imports!())!, ...storage, HitsModule.forRoot(), CountedModule] as never,
  };
}
