import { Module } from '@nestjs/common';
import { SessionModule } from 'nest-gatehouse/session';
import { AppController } from './app.controller.js';
import { AppService } from './app.service.js';
import { storageModule } from './storage.js';
import { VisitsController } from './visits.controller.js';

@Module({
  imports: [storageModule, SessionModule.forRoot()],
  controllers: [AppController, VisitsController],
  providers: [AppService],
})
export class AppModule {}
