import { describe, expect, it } from 'vitest'
import { signupMail } from '../../../lambdas/signup/mail-code.ts'
import { codeOf, linkCodeOf, signupSchema } from '../../../lambdas/signup/signup.ts'
import signups from '../../fixtures/signup.json' with { type: 'json' }

const stored = signups.unused

const signup = signupSchema.parse(stored)
const code = codeOf('secret', signup.id)
const sentBy = { codeSecret: 'secret', brand: 'Sitewright', consoleUrl: 'http://localhost:4000' }
const mail = signupMail({ signup, ...sentBy })

describe('the mail of a sign-up', () => {
  it('goes to the address as it was typed', () => {
    expect(mail.to).toBe('Robin@example.com')
  })

  it('shows the code in its subject, so that nobody has to open it, and in its text', () => {
    expect(mail).toMatchObject({ subject: `${code} is your Sitewright code`, code })
    expect(mail.text).toContain(`\n${code}\n`)
  })

  it('has a link that brings a long code behind a #, so that no server logs it', () => {
    const linkCode = linkCodeOf('secret', signup.id)
    expect(linkCode).toMatch(/^[\w-]{20}$/)
    expect(mail.links).toEqual([`http://localhost:4000/#/signups/${stored.id}?code=${linkCode}`])
    expect(new URL(mail.links[0] ?? '').pathname).toBe('/')
  })

  it('is one message however often it is sent: its id follows from the sign-up', () => {
    expect(mail.id).toBe(stored.id.replace('sgn_', 'msg_'))
  })

  it('has the page of its link ask for the consent to marketing if somebody ticked the box', () => {
    const marketing = { text: 'mkt-1', at: signup.createdAt }
    const ticked = signupMail({ signup: { ...signup, marketing }, ...sentBy })
    expect(ticked.links).toEqual([`${mail.links[0]}&ask=marketing`])
  })

  it('is invalid once the sign-up has expired', () => {
    expect(mail.expiresAt).toBe(stored.expiresAt)
  })

  it('states how long the code is valid', () => {
    expect(mail.text).toContain('15 minutes')
  })
})
