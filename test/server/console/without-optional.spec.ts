import { afterAll, describe, expect, it } from '@jest/globals';
import { addressesOf, SECTIONS, visit } from '../../admin/support/console-pages.js';
import { signInTo } from '../../support/servers/administrator.js';
import { startWithPeople } from '../../support/servers/identities.js';
import { cleanUp } from '../../support/servers/reference-server.js';

const PRELOAD = ['test/server/console/support/without-optional.mjs'];

afterAll(cleanUp);

describe('The console without lit-html and uPlot', () => {
  it('has no script of its own, and every page and file that it names', async () => {
    const { server } = await startWithPeople({ preload: PRELOAD, inHost: true });
    const root = await signInTo(server);
    for (const path of SECTIONS) {
      const page = await visit(root, path);
      const files = addressesOf(page.text).filter((address) => address.includes('/assets/'));
      const scripts = files.filter((file) => file.startsWith('/admin/') && file.includes('.js'));
      expect([path, page.status, scripts]).toEqual([path, 200, []]);
      expect(files.length).toBeGreaterThan(1);
      for (const file of files) expect([file, (await root.get(file)).status]).toEqual([file, 200]);
    }
    for (const name of ['lit-html.js', 'uplot.js', 'uplot.css'])
      expect([name, (await root.get(`/admin/assets/${name}`)).status]).toEqual([name, 404]);
  });
});
