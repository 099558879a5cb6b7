import { Controller, Get, Req, Res, UseInterceptors } from '@nestjs/common';
import type { HttpRequest } from 'nest-gatehouse/auth/http';
import { SessionDoctor } from 'nest-gatehouse/session/doctor';
import { ForAdministrators } from '../../routes/administrator.js';
import { ConsoleAnswers } from '../answers/console-answers.js';
import { ConsoleProblems } from '../answers/console-problems.interceptor.js';

/** What is set up wrong now, with its remedy. */
@Controller('admin/doctor')
@ForAdministrators()
@UseInterceptors(ConsoleProblems)
export class DoctorPageController {
  constructor(
    private readonly doctor: SessionDoctor,
    private readonly answers: ConsoleAnswers,
  ) {}

  @Get()
  show(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): string {
    const values = { findings: this.doctor.findings() };
    const page = { template: 'doctor/doctor', title: 'Doctor', section: 'doctor', values } as const;
    return this.answers.show(request, response, page);
  }
}
