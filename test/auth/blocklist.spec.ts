import { describe, expect, it } from '@jest/globals';
import { dictionary } from '@zxcvbn-ts/language-common';
import { CommonPasswords } from 'nest-gatehouse/auth';
import { longCommonPasswords, writeCommonPasswords } from '../../scripts/common-passwords.mjs';
import { onOnePlatform } from './support/auth-app.js';

const ENOUGH = 3_000;

describe('CommonPasswords', () => {
  const list = new CommonPasswords();
  const long = longCommonPasswords();

  it('is what its script makes of today’s source', () => {
    expect(writeCommonPasswords()).toBe(false);
  });

  it.each([8, 9, 10, 11, 12, 13, 14, 15, 16, 17])('knows 3,000 of at least %i characters', (length) => {
    const all = [...dictionary['passwords-common'], ...long];
    const fitting = all.filter((password) => [...password].length >= length);
    expect(fitting.length).toBeGreaterThanOrEqual(ENOUGH);
    expect(fitting.filter((password) => !list.has(password))).toEqual([]);
  });

  it('knows them in any letter case and width', () => {
    for (const password of [
      '1Qaz2Wsx3Edc4Rfv',
      'QWERTY123456789',
      '１２３４５６７８９０１２３４５６７８９０',
      'PasswordStandard',
    ])
      expect([password, list.has(password)]).toEqual([password, true]);
  });

  it('knows one that is written over and over, and two of the most common in a row', () => {
    const made = [
      'dragondragondragondragon',
      'abc123abc123abc123',
      'passwordpassword',
      'sunshineprincess',
      'iloveyou123456789',
    ];
    for (const password of made) expect([password, list.has(password)]).toEqual([password, true]);
  });

  it('lets everything else be', () => {
    for (const password of ['correct horse battery staple', 'x'.repeat(80), 'é'.repeat(40), 'passwordpassword!'])
      expect([password, list.has(password)]).toEqual([password, false]);
  });
});

onOnePlatform('A common password', (start) => {
  it('cannot be set, however long it must be', async () => {
    const app = await start({ auth: { password: { minLength: 8 } } });
    const { user } = await app.users.create({ username: 'alice' });
    for (const password of ['baseball1', '1qaz2wsx3edc4rfv', 'Q1W2E3R4T5Y6U7I8O9P0', 'mailcreated5240']) {
      await expect(app.users.setPassword(user.id, password)).rejects.toMatchObject({ code: 'password_rejected' });
    }
    await app.users.setPassword(user.id, 'mailcreated5241');
  });
});
