import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { assetFiles } from '../../scripts/copy-assets.mjs';
import { readText } from './source-files.js';

const filesNamed = (ending: string) => assetFiles().filter((file) => file.endsWith(ending));
const ours = filesNamed('.js');
/** Served as it is compiled. */
const WARNING = 'libs/client/src/timeout.ts';
const swaggerUi = createRequire(import.meta.url).resolve('swagger-ui-dist/swagger-ui-bundle.js');

/** How a window hears of what another one sends. */
const LISTENS =
  /addEventListener\(\s*["'`]message["'`]|\bwindow\.onmessage|(?<![\w.])onmessage\s*=|new\s+BroadcastChannel/;

describe('The scripts of the pages', () => {
  it('take no message from any window, and send none', () => {
    expect(ours.length).toBeGreaterThan(1);
    for (const name of ours) {
      const text = readText(name);
      expect([name, LISTENS.test(text), text.includes('postMessage')]).toEqual([name, false, false]);
    }
    // Of Swagger UI: React wakes itself by a channel of its own, which no other window holds an end of.
    const bundle = readFileSync(swaggerUi, 'utf8');
    expect(LISTENS.test(bundle)).toBe(false);
    const sends = [...bundle.matchAll(/([\w.]+)\.postMessage\(/g)].map(([, target]) => target!);
    const channels = [...bundle.matchAll(/new MessageChannel,(\w+)=\w+\.port2/g)].map(([, port]) => port!);
    expect(sends.filter((target) => !channels.includes(target))).toEqual([]);
  });

  it('hear from tabs of this origin alone, by the one channel of the warning before a session ends', () => {
    const text = readText(WARNING);
    expect(text.match(/new BroadcastChannel/g)).toHaveLength(1);
    const receivers = [...text.matchAll(/([\w.#?]+?)\??\.(?:postMessage\(|onmessage\b)/g)].map(([, name]) => name);
    expect(receivers).toEqual(['this.#channel', 'this.#channel']);
    expect(text).not.toMatch(/addEventListener\(\s*["'`]message/);
  });

  it('keep nothing in the browser', () => {
    const STORAGE = /localStorage|sessionStorage|indexedDB|document\.cookie|caches\b|serviceWorker/;
    for (const name of [...ours, WARNING]) expect([name, STORAGE.test(readText(name))]).toEqual([name, false]);
  });

  it('are all there are: no template has one of its own', () => {
    const templates = filesNamed('.eta');
    expect(templates.length).toBeGreaterThan(10);
    for (const file of templates) {
      const text = readText(file);
      const scripts = [...text.matchAll(/<script\b([^>]*)>/g)].map(([, attributes]) => attributes!);
      expect([file, scripts.filter((attributes) => !/ src="/.test(attributes))]).toEqual([file, []]);
      expect([file, /\son[a-z]+=["']|javascript:/i.test(text)]).toEqual([file, false]);
    }
  });
});
