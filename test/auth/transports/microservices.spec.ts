import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Injectable, type CanActivate, type ExecutionContext, Logger, UseGuards } from '@nestjs/common';
import {
  ClientProxyFactory,
  type ClientProxy,
  EventPattern,
  MessagePattern,
  type MicroserviceOptions,
  Transport,
} from '@nestjs/microservices';
import { OptionalAuth, Public } from 'nest-gatehouse/auth';
import { Session } from 'nest-gatehouse/session';
import { firstValueFrom } from 'rxjs';
import { until } from '../../support/latch.js';
import { freePort } from '../../support/free-port.js';
import { startTransportApp, type TransportApp } from './transport-app.js';

const got: string[] = [];

@Injectable()
class FromOurselves implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToRpc().getData<{ key?: string }>()?.key === 'ours';
  }
}

@Controller()
class OrdersController {
  @EventPattern('paid')
  paid(_order: object) {
    got.push('paid');
  }

  @MessagePattern('total')
  total() {
    return 'nobody gets this';
  }

  @MessagePattern('rate')
  @Public()
  rate(@Session() session: unknown) {
    return session === undefined ? 'no session' : 'a session';
  }

  @EventPattern('shipped')
  @Public()
  @UseGuards(FromOurselves)
  shipped(_order: object) {
    got.push('shipped');
  }

  @MessagePattern('hello')
  @OptionalAuth()
  hello() {
    return 'hello stranger';
  }
}

describe('Handlers of microservices in a hybrid application', () => {
  let app: TransportApp;
  const clients: ClientProxy[] = [];
  const lines: string[] = [];

  beforeAll(async () => {
    const keep = (message: unknown) => void lines.push(String(message));
    app = await startTransportApp({
      platform: 'express',
      controllers: [OrdersController],
      prepare: (nest) => nest.useLogger({ log: () => undefined, warn: keep, error: keep }),
    });
    for (const inheritAppConfig of [true, false]) {
      const options = { host: '127.0.0.1', port: await freePort() };
      app.app.connectMicroservice<MicroserviceOptions>({ transport: Transport.TCP, options }, { inheritAppConfig });
      clients.push(ClientProxyFactory.create({ transport: Transport.TCP, options }));
    }
    await app.app.startAllMicroservices();
  });
  afterAll(async () => {
    for (const client of clients) await client.close();
    await app?.close();
    Logger.overrideLogger(false);
  });

  const ask = (pattern: string, data: object = {}, [client] = clients) =>
    firstValueFrom(client!.send<unknown>(pattern, data));

  it('are named at the start, with what to do', () => {
    const [line] = lines.filter((each) => each.includes('require a sign-in'));
    expect(line).toContain('OrdersController.paid, OrdersController.total.');
    expect(line).toContain('@Public()');
    expect(line).not.toContain('OrdersController.rate');
  });

  it('refuse by code and status what requires a sign-in', async () => {
    await expect(ask('total')).rejects.toMatchObject({ code: 'not_signed_in', status: 401 });
  });

  it('say in the log that an event was refused, once', async () => {
    const refused = () => lines.filter((line) => line.startsWith('OrdersController.paid has refused'));
    for (let time = 0; time < 3; time++) clients[0]!.emit('paid', {}).subscribe();
    await until('the refusal is logged', () => refused().length > 0);
    expect(await ask('rate')).toBe('no session');
    expect(refused()).toHaveLength(1);
    expect(got).toEqual([]);
  });

  it('run where they are public, behind a guard of their own', async () => {
    expect(await ask('hello')).toBe('hello stranger');
    clients[0]!.emit('shipped', { key: 'theirs' }).subscribe();
    clients[0]!.emit('shipped', { key: 'ours' }).subscribe();
    await until('the event has come', () => got.length > 0);
    expect(got).toEqual(['shipped']);
  });

  it('are not guarded where the transport does not inherit the configuration, as the line says', async () => {
    expect(await ask('total', {}, [clients[1]!])).toBe('nobody gets this');
    expect(lines.join()).toContain('without inheritAppConfig, no global guard runs');
  });
});
