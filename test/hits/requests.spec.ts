import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  All,
  Controller,
  ForbiddenException,
  Get,
  HttpCode,
  Module,
  Param,
  Post,
  Redirect,
  Req,
  Res,
  UseGuards,
  RequestMethod,
  Version,
  VersioningType,
  type CanActivate,
  type HttpServer,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { expect, it } from '@jest/globals';
import express, { type RequestHandler } from 'express';
import { SkipHits } from 'nest-gatehouse/hits';
import { Latch, until } from '../support/latch.js';
import { onEveryPlatform } from './support/hits-app.js';

class Refuse implements CanActivate {
  canActivate(): boolean {
    throw new ForbiddenException();
  }
}

let entered = new Latch();
const never = new Promise<void>(() => undefined);

@Controller('users')
class UsersController {
  @Get(':id')
  show(@Param('id') id: string) {
    return { id };
  }

  @Post()
  @HttpCode(201)
  add() {
    return {};
  }

  @Get()
  @Redirect('/elsewhere')
  list() {
    return undefined;
  }

  @Get(':id/secret')
  @UseGuards(Refuse)
  secret() {
    return {};
  }

  @Get(':id/broken')
  broken() {
    throw new Error('broken');
  }

  @Get(':id/slow')
  async slow() {
    entered.open();
    await never;
  }

  @Get(':id/endless')
  endless(@Res() response: { raw?: NodeJS.WritableStream } & NodeJS.WritableStream, @Req() _request: unknown) {
    const raw = response.raw ?? response;
    raw.write('begun');
  }

  @Get('files/*')
  file() {
    return {};
  }

  @SkipHits()
  @Get(':id/photo')
  photo() {
    return {};
  }
}

@SkipHits()
@Controller('probes')
class ProbesController {
  @Get('live')
  live() {
    return {};
  }

  @UseGuards(Refuse)
  @All('any')
  any() {
    return {};
  }
}

const controllers = [UsersController, ProbesController];

onEveryPlatform('A request', (start) => {
  it('is counted by the pattern of its route, its method and how it was answered', async () => {
    const app = await start({ controllers });
    const client = app.browser();
    for (const id of ['1', '2', '3', '4?x=y']) await client.get(`/users/${id}`);
    await client.post('/users', {});
    await client.get('/users');
    await client.get('/users/1/secret');
    await client.get('/users/1/broken');
    await client.request('HEAD', '/users/1');
    await client.get('/users/files/a/b/c.txt');
    expect(await app.counted()).toEqual([
      'GET /users 3xx=1',
      'GET /users/:id 2xx=4',
      'GET /users/:id/broken 5xx=1',
      'GET /users/:id/secret 4xx=1',
      'GET /users/files/* 2xx=1',
      'HEAD /users/:id 2xx=1',
      'POST /users 2xx=1',
    ]);
    expect(await app.hits.total()).toBe(10);
  });

  it('is one of (unmatched) if no route has its path, whatever that is', async () => {
    const app = await start({ controllers });
    const client = app.browser();
    await Promise.all(Array.from({ length: 300 }, (_, n) => client.get(`/wp-${n}/${Math.random()}?${n}`)));
    await client.post('/nowhere', {});
    await client.request('OPTIONS', '/users');
    await client.request('DELETE', '/users/1');
    expect(await app.counted()).toEqual([
      'DELETE (unmatched) 4xx=1',
      'GET (unmatched) 4xx=300',
      'OPTIONS (unmatched) 4xx=1',
      'POST (unmatched) 4xx=1',
    ]);
  });

  it('is not counted where @SkipHits() says so, refused or not, or its path is excluded', async () => {
    const app = await start({ controllers, hits: { exclude: ['/users/7', '/private/*'] } });
    const client = app.browser();
    for (const path of ['/users/1/photo', '/probes/live', '/probes/any', '/users/7', '/users/7?x', '/private/x'])
      await client.get(path);
    await client.post('/probes/any', {});
    await client.request('HEAD', '/probes/live');
    expect(await app.hits.total()).toBe(0);
    await client.get('/users/8');
    await client.post('/users/8/photo', {});
    expect(await app.counted()).toEqual(['GET /users/:id 2xx=1', 'POST (unmatched) 4xx=1']);
  });

  it('counts as aborted if the client leaves before the answer, and as answered after its beginning', async () => {
    entered = new Latch();
    const app = await start({ controllers });
    for (const [path, isBegun] of [
      ['/users/1/slow', false],
      ['/users/1/endless', true],
    ] as const) {
      const request = httpRequest(app.url + path).on('error', () => undefined);
      request.end();
      if (isBegun) await once(request, 'response');
      else await entered.opened;
      request.destroy();
    }
    await until('both are counted', async () => (await app.hits.total()) === 2);
    expect(await app.counted()).toEqual(['GET /users/:id/endless 2xx=1', 'GET /users/:id/slow aborted=1']);
  });
});

onEveryPlatform('Hits', (start, { platform }) => {
  it('know routes below a global prefix, a module path and a version', async () => {
    @Controller({ path: 'cats', version: ['1', '2'] })
    class CatsController {
      @Get(':name')
      show() {
        return {};
      }

      @SkipHits()
      @Version('3')
      @Get(':name')
      skipped() {
        return {};
      }
    }
    @Module({ controllers: [CatsController] })
    class CatsModule {}
    const app = await start({
      imports: [CatsModule, RouterModule.register([{ path: 'zoo', module: CatsModule }])],
      controllers,
      prepare: (nest) => {
        nest.setGlobalPrefix('api', { exclude: ['probes/live'] });
        nest.enableVersioning({ type: VersioningType.URI });
      },
    });
    const client = app.browser();
    for (const version of [1, 2, 3]) expect((await client.get(`/api/v${version}/zoo/cats/tom`)).status).toBe(200);
    expect((await client.get('/api/users/1')).status).toBe(200);
    expect((await client.get('/probes/live')).status).toBe(200);
    expect((await client.get('/users/1')).status).toBe(404);
    expect(await app.counted()).toEqual([
      'GET (unmatched) 4xx=1',
      'GET /api/users/:id 2xx=1',
      'GET /api/v1/zoo/cats/:name 2xx=1',
      'GET /api/v2/zoo/cats/:name 2xx=1',
    ]);
  });

  it('know middleware of Nest from a route, and a route that is no handler of Nest', async () => {
    @Module({ controllers })
    class AppModule implements NestModule {
      configure(consumer: MiddlewareConsumer): void {
        const pass = (_request: unknown, _response: unknown, next: () => void) => next();
        consumer
          .apply(pass)
          .forRoutes({ path: '{*any}', method: RequestMethod.ALL }, { path: 'nowhere', method: RequestMethod.GET });
      }
    }
    const app = await start({
      imports: [AppModule],
      prepare: (nest) => {
        type Answer = { send(body: string): unknown };
        (nest.getHttpAdapter() as HttpServer<unknown, Answer>).get('/plain/:id', (_request, response) => {
          response.send('plain');
        });
      },
    });
    for (const path of ['/users/1', '/plain/1', '/nowhere', '/other']) await app.browser().get(path);
    await app.browser().post('/other');
    expect(await app.counted()).toEqual([
      'GET (unmatched) 4xx=2',
      'GET /plain/:id 2xx=1',
      'GET /users/:id 2xx=1',
      'POST (unmatched) 4xx=1',
    ]);
  });

  it('are the same whichever of the modules is imported first', async () => {
    const app = await start({ controllers, hitsFirst: true });
    await app.browser().get('/users/1');
    await app.browser().get('/nowhere');
    expect(await app.counted()).toEqual(['GET (unmatched) 4xx=1', 'GET /users/:id 2xx=1']);
  });

  it('are counted where the application is mounted in another one', async () => {
    if (platform !== 'express') return;
    const { app, counted } = await start({ controllers });
    const parent = express().use('/mounted', app.getHttpAdapter().getInstance() as RequestHandler);
    const server = parent.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const path of ['/mounted/users/1', '/mounted/users/1/photo', '/mounted/nowhere']) await fetch(url + path);
    server.close();
    expect(await counted()).toEqual(['GET (unmatched) 4xx=1', 'GET /users/:id 2xx=1']);
  });
});
