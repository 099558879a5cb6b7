import { Body, Controller, Get, Header, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { Public } from 'nest-gatehouse/auth';
import { BodyOf } from 'nest-gatehouse/common';
import { Session } from 'nest-gatehouse/session';
import { z } from 'zod';

interface Values {
  code: string;
}

export const codeBody = z.object({ code: z.string('expected a text') });

/** One value, stored in the session of the visitor who set it. */
@Controller('api/code')
@Public()
export class CodeController {
  @Get()
  @Header('Cache-Control', 'no-store')
  get(@Session() session: Session<Values>) {
    return { result: session.code ?? null };
  }

  @Post()
  @HttpCode(HttpStatus.OK)
  set(@Session() session: Session<Values>, @Body(new BodyOf(codeBody)) body: z.output<typeof codeBody>) {
    session.code = body.code;
    return { result: 'set' };
  }
}
