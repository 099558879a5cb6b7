import { Body, Controller, Get, Post } from '@nestjs/common';
import { CurrentUser } from 'nest-gatehouse/auth';

/** Notes of the signed-in user. An application would keep them in its database. */
@Controller('notes')
export class NotesController {
  readonly #notes = new Map<string, string[]>();

  @Get()
  list(@CurrentUser('id') userId: string): string[] {
    return this.#notes.get(userId) ?? [];
  }

  @Post()
  add(@CurrentUser('id') userId: string, @Body('text') text: string): string[] {
    const notes = [...this.list(userId), String(text)];
    this.#notes.set(userId, notes);
    return notes;
  }
}
