import { Module } from '@nestjs/common';
import { AuthModule } from 'nest-gatehouse/auth';
import { SessionModule } from 'nest-gatehouse/session';
import { SqliteStorageModule } from 'nest-gatehouse/sqlite';
import { HomeController } from './home.controller.js';
import { OidcModule } from './oidc/oidc.module.js';

@Module({
  imports: [
    SqliteStorageModule.forRoot({ file: process.env.DATABASE ?? 'data/oidc.db' }),
    SessionModule.forRoot(),
    // Passwords are the identity provider's business, so there is no page that asks for one.
    AuthModule.forRoot({ appName: 'Example', pages: false }),
    OidcModule.forRoot({
      issuer: process.env.ISSUER ?? 'http://localhost:4000',
      clientId: 'gatehouse-example',
      clientSecret: process.env.CLIENT_SECRET ?? 'only-for-this-example',
      publicUrl: process.env.PUBLIC_URL ?? 'http://localhost:3000',
    }),
  ],
  controllers: [HomeController],
})
export class AppModule {}
