import { Controller, Get, Header } from '@nestjs/common';
import { CurrentUser, OptionalAuth } from 'nest-gatehouse/auth';
import { Session } from 'nest-gatehouse/session';
import { csrfToken } from 'nest-gatehouse/session/identity';

const SIGN_IN = '<a href="/oidc/login">Sign in</a>';

@Controller()
export class HomeController {
  @Get()
  @OptionalAuth()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  show(@CurrentUser('username') username: string | undefined, @Session() session: Session): string {
    return `<!doctype html><title>Example</title>${username === undefined ? SIGN_IN : signedIn(username, session)}`;
  }
}

function signedIn(username: string, session: Session): string {
  return `<p>Hello ${escaped(username)}</p>
    <form method="post" action="/oidc/logout">
      <input type="hidden" name="_csrf" value="${csrfToken(session)}"><button>Sign out</button>
    </form>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
