import { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { App } from 'supertest/types.js';
import { AppModule } from './../src/app.module.js';
import { adapter } from './adapter.js';

describe('Visits (e2e)', () => {
  let app: INestApplication<App>;

  beforeAll(async () => {
    const fixture = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = fixture.createNestApplication(adapter());
    await app.listen(0, '127.0.0.1');
  });

  afterAll(async () => {
    await app.close();
  });

  it('are counted in the session of each browser', async () => {
    const browser = request.agent(app.getHttpServer());
    await browser.get('/visits').expect(200, { visits: 1 });
    await browser.get('/visits').expect(200, { visits: 2 });
    await request(app.getHttpServer()).get('/visits').expect(200, { visits: 1 });
  });
});
