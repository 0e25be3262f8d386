import { describe, expect, it } from 'vitest'
import { isDisposable, mailDomainOf, registrableDomain } from '../../../core/abuse/mail-domain.ts'
import { unlimited } from '../../support/signing-up.ts'

describe('the domain that addresses are counted by', () => {
  it.each([
    ['ada@example.com', 'example.com'],
    ['ada@Mail.Example.COM', 'example.com'],
    ['ada@a.b.c.example.com', 'example.com'],
    ['ada@example.co.uk', 'example.co.uk'],
    ['ada@x.example.co.uk', 'example.co.uk'],
    ['ada@x.example.com.au', 'example.com.au'],
    ['ada@x.example.de', 'example.de'],
    ['ada@googlemail.com', 'gmail.com'],
  ])('of %s is %s', (email, domain) => {
    expect(registrableDomain(mailDomainOf(email))).toBe(domain)
  })
})

describe('a disposable address', () => {
  const own = { ...unlimited, disposableMailDomains: ['throw.example'] }

  it.each([
    'x@mailinator.com',
    'x@MAILINATOR.com',
    'x@any.thing.mailinator.com',
    'x@throw.example',
    'x@a.throw.example',
  ])('is seen in %s', (email) => {
    expect(isDisposable(email, own)).toBe(true)
  })

  it.each(['x@example.com', 'x@notmailinator.com', 'mailinator.com@example.com', 'x@mailinator.com.example.net'])(
    'is not seen in %s',
    (email) => {
      expect(isDisposable(email, own)).toBe(false)
    },
  )
})
