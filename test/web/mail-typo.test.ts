import { expect, test } from 'vitest'
import { freeMailDomains } from '../../adapters/free-mail/free-mail-domains.ts'
import { addressMeant, isSameAddress } from '../../web/sign-up/suggestions.ts'

test.each([
  ['gmial.com', 'gmail.com'],
  ['gmal.com', 'gmail.com'],
  ['gmaill.com', 'gmail.com'],
  ['Gmail.con', 'gmail.com'],
  ['gmail.co', 'gmail.com'],
  ['hotmial.com', 'hotmail.com'],
  ['outlok.com', 'outlook.com'],
  ['t-onlin.de', 't-online.de'],
  ['acme.con', 'acme.com'],
])('points out %s', (typed, meant) => {
  expect(addressMeant(`Ada.L@${typed}`)).toBe(`Ada.L@${meant}`)
})

test.each([
  'gmail.com',
  'gmx.net',
  'gmx.de',
  'web.de',
  'email.com',
  'mail.com',
  'mailbox.org',
  'acme.co',
  'example.com',
])('leaves %s alone', (domain) => expect(addressMeant(`ada@${domain}`)).toBeUndefined())

test('leaves what has no domain alone', () => {
  expect(addressMeant('ada')).toBeUndefined()
})

test('doubts no provider but those that live on typing errors', () => {
  const doubted = [...freeMailDomains].filter((domain) => addressMeant(`ada@${domain}`) !== undefined)
  expect(doubted.toSorted()).toEqual([
    ...['gamil.com', 'gmai.com', 'gmail.co', 'gmail.om', 'gmal.com', 'gmial.com', 'homail.com', 'hotmai.com'],
    ...['hotmail.cm', 'hotmail.con', 'hotmails.com', 'hotmial.com', 'proto2mail.com', 'yaho.com', 'yahoo.om'],
  ])
})

test.each([
  ['Ada@Müller.de ', 'Ada@xn--mller-kva.de', true],
  ['ada@xn--mller-kva.de', 'Ada@xn--mller-kva.de', true],
  ['ada@müller.de', 'ada@muller.de', false],
])('compares %s with %s, the form that the API keeps', (typed, kept, isSame) => {
  expect(isSameAddress(typed, kept)).toBe(isSame)
})
