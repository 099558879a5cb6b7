// What is counted of requests that do not come by Node's own HTTP/1 code: Fastify's inject(), which Jest cannot load on Node 20, and HTTP/2. So this is a
// process of its own, on the built library. Prints what was counted, by mode and transport, as one line of JSON.
import 'reflect-metadata';
import { connect } from 'node:http2';
import { Controller, Get, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { HitService, HitsModule } from 'nest-gatehouse/hits';
import { MemoryStorageModule, SessionModule } from 'nest-gatehouse/session';

class ThingsController {
  show(id) {
    if (id === 'none') throw new Error('There is none.');
    return { id };
  }
}
Controller('things')(ThingsController);
const method = Object.getOwnPropertyDescriptor(ThingsController.prototype, 'show');
Get(':id')(ThingsController.prototype, 'show', method);
Param('id')(ThingsController.prototype, 'show', 0);

const PATHS = ['/things/1', '/things/2', '/things/none', '/elsewhere'];

async function byInject(app) {
  const instance = app.getHttpAdapter().getInstance();
  for (const url of PATHS) await instance.inject({ url });
}

async function byHttp2(app) {
  const client = connect(`http://127.0.0.1:${app.getHttpServer().address().port}`);
  const ask = (path) =>
    new Promise((resolve, reject) => {
      const stream = client.request({ ':path': path });
      stream.on('error', reject).on('close', resolve).resume();
    });
  for (const path of PATHS) await ask(path);
  await new Promise((closed) => client.close(closed));
}

async function counted(mode, http2, send) {
  class AppModule {}
  const imports = [MemoryStorageModule.forRoot(), SessionModule.forRoot(), HitsModule.forRoot({ mode })];
  Module({ imports, controllers: [ThingsController] })(AppModule);
  const app = await NestFactory.create(AppModule, new FastifyAdapter({ http2 }), { logger: false });
  await app.listen(0, '127.0.0.1');
  try {
    await send(app);
    const { items } = await app.get(HitService).routes();
    return items.map(({ method, route, status }) => `${method} ${route} ${JSON.stringify(status)}`).sort();
  } finally {
    await app.close();
  }
}

const seen = {};
for (const mode of ['buffered', 'strict']) {
  seen[mode] = { inject: await counted(mode, false, byInject), http2: await counted(mode, true, byHttp2) };
}
console.log(JSON.stringify(seen));
