import { Module } from '@nestjs/common';
import { AuthModule } from 'nest-gatehouse/auth';
import { SessionModule } from 'nest-gatehouse/session';
import { SqliteStorageModule } from 'nest-gatehouse/sqlite';
import { AccountsController } from './accounts.controller.js';
import { NotesController } from './notes.controller.js';
import { PAGE_ORIGINS } from './page-origins.js';

@Module({
  imports: [
    SqliteStorageModule.forRoot({ file: process.env.DATABASE ?? 'data/spa.db' }),
    // Browsers have the cookie; an app that sends the header is answered by the header.
    SessionModule.forRoot({ transport: 'both' }),
    AuthModule.forRoot({ appName: 'Notes', pages: false, allowedOrigins: PAGE_ORIGINS }),
  ],
  controllers: [AccountsController, NotesController],
})
export class AppModule {}
