import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { HttpRequest } from 'nest-gatehouse/auth/http';
import { ProblemException } from 'nest-gatehouse/common';
import { catchError, type Observable } from 'rxjs';
import { ConsoleAnswers } from './console-answers.js';

/** What a handler refuses becomes a page of the console, with a way to try again. Other errors are the application's. */
@Injectable()
export class ConsoleProblems implements NestInterceptor {
  constructor(private readonly answers: ConsoleAnswers) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    return next.handle().pipe(
      catchError((error: unknown) => {
        if (!(error instanceof ProblemException)) throw error;
        const request = http.getRequest<HttpRequest>();
        return [this.answers.refuse(request, http.getResponse<object>(), error)];
      }),
    );
  }
}
