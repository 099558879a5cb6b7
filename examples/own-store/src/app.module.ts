import { Controller, Get, Module } from '@nestjs/common';
import { Session, SessionModule } from 'nest-gatehouse/session';
import { PostgresStorageModule } from './postgres/postgres-storage.module.js';

@Controller('visits')
class VisitsController {
  @Get()
  async count(@Session() session: Session<{ visits: number }>) {
    return { visits: await session.increment('visits') };
  }
}

@Module({
  imports: [PostgresStorageModule.forRoot(process.env.DATABASE ?? 'data/postgres'), SessionModule.forRoot()],
  controllers: [VisitsController],
})
export class AppModule {}
