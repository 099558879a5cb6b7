// Answers that do not leave by Node's own HTTP/1 code: what Fastify's inject() makes, and HTTP/2. Jest cannot load inject() on Node 20, so this is a process
// of its own, on the built library. Prints what it saw as one line of JSON.
import 'reflect-metadata';
import { connect } from 'node:http2';
import { setTimeout as pause } from 'node:timers/promises';
import { Controller, Get, Module, Req, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { MemoryStorageModule, SessionModule } from 'nest-gatehouse/session';
import { SessionStore } from 'nest-gatehouse/session/storage';

class OtherController {
  put(request) {
    request.session.n = (request.session.n ?? 0) + 1;
    return 'put';
  }

  async pump(request, reply) {
    this.put(request);
    reply.hijack();
    for (const part of '12345678') {
      reply.raw.write(part);
      await pause(1);
    }
    reply.raw.end();
  }

  late(request, reply) {
    this.put(request);
    reply.send('early');
    reply.code(500).header('x-late', 'yes');
  }

  head(request, reply) {
    this.put(request);
    reply.hijack();
    reply.raw.writeHead(201, { 'x-own': 'yes', 'set-cookie': ['a=1'] });
    reply.raw.end('by hand');
  }

  show(request) {
    return { ...request.session };
  }
}
Controller()(OtherController);
for (const name of ['put', 'pump', 'late', 'head', 'show']) {
  const descriptor = Object.getOwnPropertyDescriptor(OtherController.prototype, name);
  Get(name)(OtherController.prototype, name, descriptor);
  Req()(OtherController.prototype, name, 0);
  if (OtherController.prototype[name].length > 1) Res()(OtherController.prototype, name, 1);
}

const MOODS = {
  'at once': (work) => work(),
  later: (work) => pause(2).then(work),
  fails: () => Promise.reject(new Error('the disk is on fire')),
};

async function start(http2) {
  class AppModule {}
  Module({ imports: [MemoryStorageModule.forRoot(), SessionModule.forRoot()], controllers: [OtherController] })(
    AppModule,
  );
  const app = await NestFactory.create(AppModule, new FastifyAdapter({ http2 }), { logger: false });
  await app.listen(0, '127.0.0.1');
  const store = app.get(SessionStore, { strict: false });
  const insert = store.insert.bind(store);
  const update = store.update.bind(store);
  return {
    app,
    feel(mood) {
      store.insert = (...args) => MOODS[mood](() => insert(...args));
      store.update = (...args) => MOODS[mood](() => update(...args));
    },
  };
}

const PATHS = ['/put', '/pump', '/late', '/head', '/show'];

async function visit(get) {
  const seen = [];
  let cookie = '';
  for (const path of PATHS) {
    const { status, headers, text } = await get(path, cookie);
    const cookies = [headers['set-cookie'] ?? []].flat().map((line) => line.split(';')[0]);
    const token = cookies.find((line) => line.startsWith('sid='));
    cookie ||= token ?? '';
    seen.push([path, status, text.slice(0, 200), cookies.map((line) => line.split('=')[0]), headers['x-late'] ?? null]);
  }
  return seen;
}

async function injected(mood) {
  const { app, feel } = await start(false);
  feel(mood);
  const fastify = app.getHttpAdapter().getInstance();
  const seen = await visit(async (url, cookie) => {
    const answer = await fastify.inject({ url, headers: { cookie } });
    return { status: answer.statusCode, headers: answer.headers, text: answer.payload };
  });
  await app.close();
  return seen;
}

async function overHttp2(mood) {
  const { app, feel } = await start(true);
  feel(mood);
  const client = connect(`http://127.0.0.1:${app.getHttpServer().address().port}`);
  const seen = await visit(async (path, cookie) => {
    const stream = client.request({ ':path': path, cookie });
    const headers = await new Promise((resolve) => stream.once('response', resolve));
    let text = '';
    for await (const chunk of stream) text += chunk;
    return { status: headers[':status'], headers, text };
  });
  client.close();
  await app.close();
  return seen;
}

const result = {};
for (const mood of Object.keys(MOODS)) result[mood] = { inject: await injected(mood), http2: await overHttp2(mood) };
console.log(JSON.stringify(result));
