import { createRequire } from 'node:module';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readText, ROOT, sourceFiles } from './source-files.js';

const ASSETS = 'src/web/assets';
const ours = readdirSync(join(ROOT, ASSETS)).filter((name) => name.endsWith('.js'));
const swaggerUi = createRequire(import.meta.url).resolve('swagger-ui-dist/swagger-ui-bundle.js');

/** How a window hears of what another one sends. */
const LISTENS =
  /addEventListener\(\s*["'`]message["'`]|\bwindow\.onmessage|(?<![\w.])onmessage\s*=|new\s+BroadcastChannel/;

describe('The scripts of the pages', () => {
  it('take no message from any window, and send none', () => {
    expect(ours.length).toBeGreaterThan(1);
    for (const name of ours) {
      const text = readText(`${ASSETS}/${name}`);
      expect([name, LISTENS.test(text), text.includes('postMessage')]).toEqual([name, false, false]);
    }
    // Of Swagger UI: React wakes itself by a channel of its own, which no other window holds an end of.
    const bundle = readFileSync(swaggerUi, 'utf8');
    expect(LISTENS.test(bundle)).toBe(false);
    const sends = [...bundle.matchAll(/([\w.]+)\.postMessage\(/g)].map(([, target]) => target!);
    const channels = [...bundle.matchAll(/new MessageChannel,(\w+)=\w+\.port2/g)].map(([, port]) => port!);
    expect(sends.filter((target) => !channels.includes(target))).toEqual([]);
  });

  it('keep nothing in the browser', () => {
    const STORAGE = /localStorage|sessionStorage|indexedDB|document\.cookie|caches\b|serviceWorker/;
    for (const name of ours) expect([name, STORAGE.test(readText(`${ASSETS}/${name}`))]).toEqual([name, false]);
  });

  it('are all there are: no template has one of its own', () => {
    const templates = readdirSync(join(ROOT, 'src/web')).filter((name) => name.endsWith('.eta'));
    const texts = [
      ...templates.map((name) => [name, readText(`src/web/${name}`)] as const),
      ...sourceFiles('libs/auth/src/pages').map((file) => [file, readText(file)] as const),
    ];
    expect(templates.length).toBeGreaterThan(3);
    for (const [file, text] of texts) {
      const scripts = [...text.matchAll(/<script\b([^>]*)>/g)].map(([, attributes]) => attributes!);
      expect([file, scripts.filter((attributes) => !/ src="/.test(attributes))]).toEqual([file, []]);
      expect([file, /\son[a-z]+=["']|javascript:/i.test(text)]).toEqual([file, false]);
    }
  });
});
