import { Controller, Get, Req, Res } from '@nestjs/common';
import { Roles } from 'nest-gatehouse/auth';
import { HttpAnswers } from 'nest-gatehouse/auth/http';

/** Pages that have moved: bookmarks of them go on to work. */
@Controller()
export class FormerPagesController {
  constructor(private readonly answers: HttpAnswers) {}

  /** Who is signed in. */
  @Get('staff')
  @Roles('admin')
  staff(@Req() request: object, @Res({ passthrough: true }) response: object): void {
    this.answers.redirect(request, response, '/admin/sessions?state=signed-in');
  }
}
