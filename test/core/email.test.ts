import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalEmail, emailHash, isMailAtOneOf, mailDomainOf } from '../../core/email.ts'
import { registrableDomain } from '../../core/hostname/registrable-domain.ts'

describe('the canonical form of an address', () => {
  it.each([
    ['Robin@Example.com', 'robin@example.com'],
    ['  robin@example.com\n', 'robin@example.com'],
    ['robin+trial@gmail.com', 'robin@gmail.com'],
    ['r.o.b.i.n+1+2@googlemail.com', 'robin@gmail.com'],
    ['Ro.Bin@GMail.com', 'robin@gmail.com'],
    ['robin+x@outlook.com', 'robin@outlook.com'],
    ['ro.bin@outlook.com', 'ro.bin@outlook.com'],
    ['robin+x@proton.me', 'robin@proton.me'],
    ['robin+x@example.com', 'robin+x@example.com'],
    ['ro.bin@example.com', 'ro.bin@example.com'],
    ['robin+x@mail.gmail.com', 'robin+x@mail.gmail.com'],
    ['"a@b"@example.com', '"a@b"@example.com'],
  ])('of %j is %s', (email, canonical) => {
    expect(canonicalEmail(email)).toBe(canonical)
  })

  it('is its own canonical form', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (email) => {
        expect(canonicalEmail(canonicalEmail(email))).toBe(canonicalEmail(email))
      }),
    )
  })

  it('does not hang on the case of a letter', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (email) => {
        expect(canonicalEmail(email.toUpperCase())).toBe(canonicalEmail(email))
      }),
    )
  })
})

const local = fc.string({ unit: fc.constantFrom(...'abc019'), minLength: 1, maxLength: 10 })

describe('the hash of an address', () => {
  it('is 64 hexadecimal digits and does not show the address', () => {
    expect(emailHash('robin@example.com')).toMatch(/^[0-9a-f]{64}$/)
  })

  it('is one for all aliases of a mailbox', () => {
    fc.assert(
      fc.property(local, local, fc.nat({ max: 8 }), (name, tag, dot) => {
        const dotted = `${name.slice(0, dot)}.${name.slice(dot)}`
        expect(emailHash(`${dotted}+${tag}@Gmail.com`)).toBe(emailHash(`${name}@googlemail.com`))
      }),
    )
  })

  it('differs between mailboxes', () => {
    fc.assert(
      fc.property(local, local, (one, other) => {
        expect(emailHash(`${one}@gmail.com`) === emailHash(`${other}@gmail.com`)).toBe(one === other)
        expect(emailHash(`${one}@gmail.com`)).not.toBe(emailHash(`${one}@example.com`))
      }),
    )
  })
})

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
