import { describe, expect, it } from 'vitest'
import { registrableDomain } from '../../../core/hostname/registrable-domain.ts'
import { isMailAtOneOf, mailDomainOf } from '../../../core/signup/email.ts'

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

describe('an address', () => {
  const domains = new Set(['throw.example'])

  it.each(['x@throw.example', 'x@THROW.example', 'x@any.thing.throw.example'])('%s is at a listed domain', (email) => {
    expect(isMailAtOneOf(domains, email)).toBe(true)
  })

  it.each(['x@example.com', 'x@notthrow.example', 'throw.example@example.com', 'x@throw.example.net'])(
    '%s is not',
    (email) => {
      expect(isMailAtOneOf(domains, email)).toBe(false)
    },
  )
})
