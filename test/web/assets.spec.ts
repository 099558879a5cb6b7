import { once } from 'node:events';
import { get, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, RequestMethod, type INestApplication } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { assetsController, AssetSet, WebModule } from 'nest-gatehouse/web';
import { BrowserClient } from '../support/browser/browser-client.js';
import { PLATFORMS, startApp, type RunningApp } from '../support/apps/platforms.js';

/** What is on the wire: `fetch` would decompress it. */
async function bytesOf(url: string, path: string, headers: OutgoingHttpHeaders) {
  const [response] = (await once(get(url + path, { headers }), 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

const own = new URL('./fixtures/own.css', import.meta.url);

@Injectable()
class OwnAssets extends AssetSet {
  constructor(application: ApplicationConfig) {
    super('own/files', { 'own.css': own, 'twice.css': [own, own] }, application);
  }
}

describe.each(PLATFORMS)('An asset set, on %s', (platform) => {
  let running: RunningApp;

  afterEach(() => running.close());

  const start = async (prepare?: (app: INestApplication) => void) => {
    running = await startApp(
      platform,
      { imports: [WebModule], controllers: [assetsController('own/files', OwnAssets)], providers: [OwnAssets] },
      prepare,
    );
    return { client: new BrowserClient(running.url), assets: running.app.get(OwnAssets) };
  };

  it('serves a file for good under an address that has its version', async () => {
    const { client, assets } = await start();
    const url = assets.urlOf('own.css');
    expect(url).toMatch(/^\/own\/files\/own\.css\?v=[\w-]{16}$/);
    const answer = await client.get(url, { headers: { 'accept-encoding': 'identity' } });
    expect([answer.status, answer.text]).toEqual([200, assets.find('own.css')!.content.toString()]);
    const names = ['content-type', 'content-length', 'cache-control', 'x-content-type-options'];
    expect(names.map((name) => answer.headers.get(name))).toEqual([
      'text/css; charset=utf-8',
      String(answer.text.length),
      'public, max-age=31536000, immutable',
      'nosniff',
    ]);
  });

  it('asks the browser to look again under any other address, and answers 304 where nothing has changed', async () => {
    const { client, assets } = await start();
    const first = await client.get('/own/files/own.css?v=other', { headers: { 'accept-encoding': 'identity' } });
    expect([first.status, first.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    const etag = first.headers.get('etag')!;
    expect(etag).toBe(`"${assets.find('own.css')!.version}"`);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await client.get('/own/files/own.css', {
        headers: { 'if-none-match': known, 'accept-encoding': 'identity' },
      });
      expect([known, again.status, again.text, again.headers.get('etag')]).toEqual([known, 304, '', etag]);
    }
    const changed = await client.get('/own/files/own.css', { headers: { 'if-none-match': '"other"' } });
    expect(changed.status).toBe(200);
  });

  it('is compressed for whoever takes it, each form with a tag of its own', async () => {
    const { assets } = await start();
    const path = assets.urlOf('design.css');
    const { content, compressed } = assets.find('design.css')!;
    const plain = await bytesOf(running.url, path, { 'accept-encoding': 'br, gzip;q=0' });
    const gzip = await bytesOf(running.url, path, { 'accept-encoding': 'gzip, deflate, br' });
    expect([plain.body, gzip.body]).toEqual([content, compressed]);
    expect(gunzipSync(gzip.body)).toEqual(content);
    expect(gzip.body.length).toBeLessThan(content.length / 2);
    expect(plain.headers).toMatchObject({ vary: 'Accept-Encoding', 'content-length': String(content.length) });
    expect(plain.headers['content-encoding']).toBeUndefined();
    const length = String(compressed!.length);
    expect(gzip.headers).toMatchObject({
      vary: 'Accept-Encoding',
      'content-encoding': 'gzip',
      'content-length': length,
    });
    expect(gzip.headers.etag).not.toBe(plain.headers.etag);
    const headers = { 'accept-encoding': 'gzip', 'if-none-match': gzip.headers.etag! };
    expect(await bytesOf(running.url, path, headers)).toMatchObject({ status: 304, body: Buffer.alloc(0) });
    const other = { 'accept-encoding': 'identity', 'if-none-match': gzip.headers.etag! };
    expect(await bytesOf(running.url, path, other)).toMatchObject({ status: 200, body: content });
  });

  it('has the design, whole and in parts, and no other file', async () => {
    const { client, assets } = await start();
    const design = await client.get(assets.urlOf('design.css'));
    const tokens = await client.get(assets.urlOf('tokens.css'));
    expect([design.status, tokens.status, design.text.startsWith(tokens.text)]).toEqual([200, 200, true]);
    expect((await client.get(assets.urlOf('favicon.svg'))).headers.get('content-type')).toBe('image/svg+xml');
    const once = (await client.get(assets.urlOf('own.css'))).text;
    expect((await client.get(assets.urlOf('twice.css'))).text).toBe(once + once);
    for (const name of ['none.css', '__proto__', 'constructor', '..%2Fassets.spec.ts'])
      expect([name, (await client.get(`/own/files/${name}`)).status]).toEqual([name, 404]);
    expect(() => assets.urlOf('none.css')).toThrow("There is no file 'none.css' at 'own/files'.");
  });

  it('is found under a global prefix, and beside one that leaves it out', async () => {
    const prefixed = await start((app) => app.setGlobalPrefix('/shop/'));
    expect(prefixed.assets.urlOf('own.css')).toMatch(/^\/shop\/own\/files\/own\.css/);
    expect((await prefixed.client.get(prefixed.assets.urlOf('own.css'))).status).toBe(200);
    await running.close();
    const exclude = [{ path: 'own/*rest', method: RequestMethod.GET }];
    const excluded = await start((app) => app.setGlobalPrefix('shop', { exclude }));
    expect(excluded.assets.urlOf('own.css')).toMatch(/^\/own\/files\/own\.css/);
    expect((await excluded.client.get(excluded.assets.urlOf('own.css'))).status).toBe(200);
  });

  it('stands apart from the versions of the routes', async () => {
    const { client, assets } = await start((app) => app.enableVersioning());
    expect((await client.get(assets.urlOf('own.css'))).status).toBe(200);
  });
});
