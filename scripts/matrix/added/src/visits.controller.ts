import { Controller, Get } from '@nestjs/common';
import { Session } from 'nest-gatehouse/session';

@Controller('visits')
export class VisitsController {
  @Get()
  visit(@Session() session: Session<{ visits: number }>) {
    session.visits = (session.visits ?? 0) + 1;
    return { visits: session.visits };
  }
}
