import 'reflect-metadata';
import type { AddressInfo, Server } from 'node:net';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Session, SessionModule } from 'nest-gatehouse/session';
import { SqliteStorageModule } from 'nest-gatehouse/sqlite';

const platform = process.argv[2];

@Controller()
class VisitsController {
  @Get()
  visit(@Session() session: Session<{ visits: number }>) {
    session.visits = (session.visits ?? 0) + 1;
    return { visits: session.visits };
  }
}

@Module({
  imports: [SqliteStorageModule.forRoot({ file: `data/${platform}.db` }), SessionModule.forRoot()],
  controllers: [VisitsController],
})
class AppModule {}

const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
const app = await NestFactory.create(AppModule, adapter, { logger: ['error', 'fatal'] });
await app.listen(0, '127.0.0.1');
const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
console.log(`http://127.0.0.1:${port}/`);
