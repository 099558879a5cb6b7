import { describe, expect, it } from '@jest/globals';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MemoryStorageModule, SessionModule, type SessionModuleOptions, SessionService } from 'nest-gatehouse/session';

async function startWith(module: DynamicModule): Promise<void> {
  class AppModule {}
  Module({ imports: [MemoryStorageModule.forRoot(), module] })(AppModule);
  const context = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
  await context.close();
}

/** What a JavaScript caller, or a wrong environment, might give. */
const given = (options: unknown) => SessionModule.forRoot(options as SessionModuleOptions);

const refused: readonly (readonly [string, unknown, RegExp])[] = [
  ['idleTimeout', { idleTimeout: 0 }, /more than zero/],
  ['idleTimeout', { idleTimeout: 'soon' }, /'30m'/],
  ['idleTimeout', { idleTimeout: Number.NaN }, /duration/],
  ['absoluteTimeout', { absoluteTimeout: Number.POSITIVE_INFINITY }, /duration/],
  ['renewAfter', { renewAfter: true }, /renewAfter/],
  ['renewGrace', { renewGrace: -1 }, /more than zero/],
  ['touchInterval', { touchInterval: '1 fortnight' }, /duration/],
  ['lockWait', { lockWait: '' }, /duration/],
  ['lockLease', { lockLease: null }, /duration/],
  ['storeDeadline', { storeDeadline: '5' }, /duration/],
  ['sweepInterval', { sweepInterval: 1.5 }, /duration/],
  ['maxDataBytes', { maxDataBytes: '64 chunks' }, /'64kb'/],
  ['maxDataBytes', { maxDataBytes: 0 }, /bytes/],
  ['maxAnonymousSessions', { maxAnonymousSessions: -1 }, /whole number, or 0 for no limit/],
  ['maxAnonymousSessions', { maxAnonymousSessions: Number.NaN }, /whole number/],
  ['maxAnonymousBytes', { maxAnonymousBytes: 'plenty' }, /'64kb'/],
  ['maxAnonymousBytes', { maxAnonymousBytes: -1 }, /bytes/],
  ['anonymousPerNetwork', { anonymousPerNetwork: 1.5 }, /whole number/],
  ['anonymousPerNetwork', { anonymousPerNetwork: '1000' }, /whole number/],
  ['locking', { locking: 'always' }, /implicit/],
  ['conflict', { conflict: 'ignore' }, /merge/],
  ['transport', { transport: 'query' }, /header/],
  ['header', { header: 'X Token' }, /letters, digits and hyphens/],
  ['header', { header: 'Authorization' }, /choose one of your own/],
  ['onStoreFailure', { onStoreFailure: 'ignore' }, /fail-closed/],
  ['saveOnError', { saveOnError: 'yes' }, /boolean/],
  ['exclude.0', { exclude: ['health'] }, /'\/health'/],
  ['lockExcept.0', { lockExcept: ['events'] }, /'\/health'/],
  ['exclude.0', { exclude: ['/a*b'] }, /'\/assets\/\*'/],
  ['schema', { schema: {} }, /Standard Schema/],
  ['renderProblem', { renderProblem: '<h1>' }, /function/],
  ['cookie.name', { cookie: { name: 'my sid' } }, /cookie name/],
  ['cookie.name', { cookie: { name: '__Host-sid', secure: 'auto' } }, /secure: true/],
  ['cookie.name', { cookie: { name: '__Secure-sid', secure: false } }, /secure: true/],
  ['cookie.name', { cookie: { name: '__Host-sid', secure: true, path: '/app' } }, /path is '\/'/],
  ['cookie.name', { cookie: { name: '__host-sid', secure: true, domain: 'example.com' } }, /no domain/],
  ['cookie.path', { cookie: { path: 'app' } }, /begins with '\/'/],
  ['cookie.path', { cookie: { path: '/app; Domain=evil.example' } }, /path/],
  ['cookie.domain', { cookie: { domain: 'exa mple.com' } }, /example\.com/],
  ['cookie.sameSite', { cookie: { sameSite: 'none' } }, /secure is true/],
  ['cookie.partitioned', { cookie: { partitioned: true } }, /secure is true/],
  ['cookie.maxAge', { cookie: { maxAge: 5 } }, /write idleTimeout: '30m' and absoluteTimeout/],
  ['cookie.signed', { cookie: { signed: true } }, /leave it out/],
  ['cookie.samesite', { cookie: { samesite: 'lax' } }, /did you mean sameSite\?/],
  ['idletimeout', { idletimeout: '5m' }, /did you mean idleTimeout\?/],
  ['idleTimout', { idleTimout: '5m' }, /did you mean idleTimeout\?/],
  ['max_data_bytes', { max_data_bytes: 5 }, /did you mean maxDataBytes\?/],
  ['colour', { colour: 'red' }, /is not an option; there are idleTimeout, absoluteTimeout, /],
  ['constructor', { ['constructor']: 1 }, /is not an option; there are/],
  // What express-session and @fastify/session take.
  ['secret', { secret: 'keyboard cat' }, /leave it out: a cookie holds 48 random bytes/],
  ['resave', { resave: false }, /leave it out: only what has changed is saved/],
  ['saveUninitialized', { saveUninitialized: false }, /leave it out: a session is stored once it holds something/],
  ['maxAge', { maxAge: 60_000 }, /write idleTimeout: '30m' and absoluteTimeout: '12h'/],
  ['rolling', { rolling: true }, /leave it out: idleTimeout moves with each use/],
  ['store', { store: {} }, /import a storage module instead, such as SqliteStorageModule/],
  ['genid', { genid: () => '1' }, /leave it out: ids are made of random bytes/],
  ['idGenerator', { idGenerator: () => '1' }, /leave it out: ids are made of random bytes/],
  ['name', { name: 'connect.sid' }, /write cookie: \{ name: 'sid' \}/],
  ['cookieName', { cookieName: 'sessionId' }, /write cookie: \{ name: 'sid' \}/],
  ['cookiePrefix', { cookiePrefix: 's:' }, /write cookie: \{ name: 'sid' \}, with the prefix/],
  ['proxy', { proxy: true }, /app\.set\('trust proxy', 1\).*trustProxy: 1/],
  ['unset', { unset: 'destroy' }, /req\.session = null/],
  ['secure', { secure: true }, /write it inside cookie/],
];

describe('SessionModule options', () => {
  it.each(refused)('stop the start and name %s: %j', async (option, options, remedy) => {
    const failure = await startWith(given(options)).then(
      () => undefined,
      (error: Error) => error,
    );
    expect(failure?.name).toBe('OptionsError');
    expect(failure?.message).toContain('SessionModule was given options it cannot use');
    expect(failure?.message).toContain(`  ${option}: `);
    expect(failure?.message).toMatch(remedy);
  });

  it('are refused alike where they come later', async () => {
    const module = SessionModule.forRootAsync({
      useFactory: () => Promise.resolve({ idleTimeout: 'never' } as unknown as SessionModuleOptions),
    });
    await expect(startWith(module)).rejects.toThrow(/idleTimeout: expected milliseconds or a duration/);
  });

  it('name every fault at once', async () => {
    await expect(startWith(given({ idleTimeout: 0, locking: 'x', cookie: { path: 'x' } }))).rejects.toThrow(
      /idleTimeout[^]*cookie\.path[^]*locking/,
    );
  });

  it('are taken as durations, milliseconds or nothing, and the caller’s object stays as it was', async () => {
    const options: SessionModuleOptions = {
      idleTimeout: '90s',
      absoluteTimeout: 5_000_000,
      renewAfter: false,
      cookie: { persistent: true },
    };
    const before = structuredClone(options);
    await startWith(SessionModule.forRoot(Object.freeze(options)));
    await startWith(SessionModule.forRoot());
    await startWith(SessionModule.forRoot({ maxAnonymousSessions: 0, maxAnonymousBytes: 0, anonymousPerNetwork: 0 }));
    await startWith(SessionModule.forRoot({ maxAnonymousBytes: '1gb' }));
    expect(options).toEqual(before);
  });

  it('may come from other providers', async () => {
    class Settings {
      readonly idleTimeout = '5m' as const;
    }
    class SettingsModule {}
    Module({ providers: [Settings], exports: [Settings] })(SettingsModule);
    class AppModule {}
    Module({
      imports: [
        MemoryStorageModule.forRoot(),
        SessionModule.forRootAsync({
          imports: [SettingsModule],
          inject: [Settings],
          useFactory: ({ idleTimeout }: Settings) => ({ idleTimeout }),
        }),
      ],
    })(AppModule);
    const context = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
    const { session } = await context.get(SessionService).createForUser('ada');
    expect(session.idleExpiresAt - session.createdAt).toBe(300_000);
    await context.close();
  });
});
