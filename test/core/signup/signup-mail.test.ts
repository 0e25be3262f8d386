import { describe, expect, it } from 'vitest'
import { signupSchema } from '../../../core/signup/signup.ts'
import { signupMail } from '../../../core/signup/signup-mail.ts'
import signups from '../../fixtures/signup.json' with { type: 'json' }

const stored = signups.unused

const mail = signupMail({
  signup: signupSchema.parse(stored),
  code: '012345',
  brand: 'Sitewright',
  consoleUrl: 'http://localhost:4000',
})

describe('the mail of a sign-up', () => {
  it('goes to the address as it was typed', () => {
    expect(mail.to).toBe('Robin@example.com')
  })

  it('shows the code in its subject, for a telephone that shows no more', () => {
    expect(mail).toMatchObject({ subject: '012345 is your Sitewright code', code: '012345' })
    expect(mail.text).toContain('\n012345\n')
  })

  it('has a link that brings the code behind a #, so that no server logs it', () => {
    expect(mail.links).toEqual([`http://localhost:4000/#/signups/${stored.id}?code=012345`])
    expect(new URL(mail.links[0] ?? '').pathname).toBe('/')
  })

  it('is one message however often it is sent: its id follows from the sign-up', () => {
    expect(mail.id).toBe(stored.id.replace('sgn_', 'msg_'))
  })

  it('is invalid once the sign-up has expired', () => {
    expect(mail.expiresAt).toBe(stored.expiresAt)
  })

  it('states how long the code is valid', () => {
    expect(mail.text).toContain('15 minutes')
  })
})
