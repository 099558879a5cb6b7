import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { Body, Controller, Get, HttpCode, Post, Query, Redirect, StreamableFile } from '@nestjs/common';
import { Session, SessionService, SessionSweeper } from 'nest-gatehouse/session';

interface Counter {
  counter: number;
}

/** The pages of the classic session test, each a handler of a few lines. */
@Controller()
export class CherryPyController {
  constructor(
    private readonly sessions: SessionService,
    private readonly sweeper: SessionSweeper,
  ) {}

  @Get()
  async index(@Session() session: Session<Counter>): Promise<string> {
    const counter = (session.counter ?? 0) + 1;
    await pause(10);
    session.counter = counter;
    return String(counter);
  }

  @Get('testStr')
  testStr(@Session() session: Session<Counter>): string {
    session.counter = (session.counter ?? 0) + 1;
    return String(session.counter);
  }

  @Get('testGen')
  testGen(@Session() session: Session<Counter>): StreamableFile {
    const page = function* (): Generator<string> {
      session.counter = (session.counter ?? 0) + 1;
      yield String(session.counter);
    };
    return new StreamableFile(Readable.from(page(), { objectMode: false }), { type: 'text/plain' });
  }

  @Get('data')
  data(@Session() session: Session): Session {
    return session;
  }

  @Get('keyin')
  keyin(@Session() session: Session, @Query('key') key: string): boolean {
    return key in session;
  }

  @Get('delkey')
  delkey(@Session() session: Session, @Query('key') key: string): string {
    delete session[key];
    return 'OK';
  }

  @Get('delete')
  async delete(@Session() session: Session): Promise<string> {
    await session.destroy();
    return 'done';
  }

  @Get('length')
  async length(): Promise<number> {
    await this.sweeper.sweep();
    return this.sessions.count();
  }

  @Get('regen')
  async regen(@Session() session: Session): Promise<string> {
    await session.regenerate({ keep: true });
    return 'logged in';
  }

  @Get('session_cookie')
  sessionCookie(@Session() session: Session): string {
    session.kept = true;
    return session.id;
  }

  @Get('restricted')
  restricted(@Session() session: Session<Counter>): string {
    session.counter = (session.counter ?? 0) + 1;
    return 'only by GET';
  }

  @Get('redir')
  @Redirect('/testStr', 302)
  redir(@Session() session: Session<Counter>): void {
    session.counter = 40;
  }

  @Get('clear')
  clear(@Session() session: Session): string {
    session.clear();
    return 'empty';
  }

  @Post('upload')
  @HttpCode(200)
  upload(@Session() session: Session, @Body() body: { text: string }): number {
    session.uploaded = body.text.length;
    return body.text.length;
  }
}
