import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test, vi } from 'vitest'
import { teamOperations } from '../../lambdas/accounts/team/operations.ts'
import { operations } from '../../lambdas/manifest.ts'
import { partsOf, type Translations } from '../../web/texts/catalogue.ts'
import { createFormats } from '../../web/texts/texts.ts'

const web = join(import.meta.dirname, '../../web')
const pages = globSync('texts/catalogues/*.ts', { cwd: web }).map((path) => path.split('/').at(-1) ?? '')

const textsOf = async (page: string): Promise<Translations> => {
  const [texts] = Object.values(await import(`../../web/texts/catalogues/${page.replace(/\.ts$/, '')}.ts`))
  return texts as Translations
}
const placeholders = (text: string): readonly string[] => [...text.matchAll(/\{\w+\}/g)].map(String).toSorted()

describe.each(pages)('the catalogue %s', (page) => {
  it('has the same placeholders in each language', async () => {
    for (const [key, [english, german]] of Object.entries(await textsOf(page))) {
      expect([key, placeholders(german)]).toEqual([key, placeholders(english)])
    }
  })

  it('has no empty text, and none that is used nowhere', async () => {
    const code = globSync('**/*.{ts,tsx}', { cwd: web, exclude: (name) => name === 'texts' })
      .map((path) => readFileSync(join(web, path), 'utf8'))
      .join('\n')
    for (const [key, translations] of Object.entries(await textsOf(page))) {
      expect(translations.map((text) => text.trim() !== '')).toEqual([true, true])
      // Some keys end with a value, such as `state.${kind}`.
      const stem = `${key.split('.')[0]}.\${`
      expect([key, code.includes(`'${key}'`) || code.includes(stem)]).toEqual([key, true])
    }
  })
})

test('each act of the audit log has a text', async () => {
  const acts = operations.flatMap(({ audience, id }) => (audience === 'operator' ? [id] : []))
  const texts = await textsOf('operator-acts.ts')
  const isChange = ({ method }: { method: string }) => method !== 'GET'
  const ofTeams = Object.values(teamOperations).flatMap((one) => (isChange(one) ? [one.id] : []))
  const others = ['signIn', 'signOut', 'refused', 'revealCredentials', 'revealDataSecrets']
  const known = [...acts, ...ofTeams, ...others].map((act) => `audited.${act}`)
  expect(Object.keys(texts).toSorted()).toEqual(known.toSorted())
  // The filter of the log lists them by these.
  for (const language of [0, 1] as const) {
    const names = Object.values(texts).map((translations) => translations[language])
    expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([])
  }
})

test.each(['owner.ts', 'operator.ts'])('%s says what any act may be refused for', async (page) => {
  const refusals = ['forbidden', 'not-found', 'invalid-request', 'unauthenticated', 'rate-limited', 'unavailable']
  const texts = await textsOf(page)
  expect(refusals.filter((kind) => texts[`problem.${kind}`] === undefined)).toEqual([])
})

test('what has one German word is called by it everywhere', async () => {
  const all = (await Promise.all(pages.map(textsOf))).flatMap((texts) =>
    Object.values(texts).map(([, german]) => german),
  )
  const others = ['core/mail/german.json', 'router/page-german.json'].flatMap((path) =>
    Object.values<string>(JSON.parse(readFileSync(join(web, '..', path), 'utf8'))),
  )
  const unused =
    /Eigentümer|Kennung|Audit-Protokoll|Zahlungsdienstleister|Test(?:regeln|bedingungen)|Update|Upgrade|(?<!E-)\bmail(?:s|en|t)?\b|\bruhe?[nt]\b|Löschung widerruf|Abonnement wurde unterbrochen/i
  const [bar = 'Update'] =
    /\n {2}de: \{.*?\n {2}\}/s.exec(readFileSync(join(web, '../router/bar/bar.js'), 'utf8')) ?? []
  expect([...all, ...others, bar].filter((text) => unused.test(text))).toEqual([])
  const team = await textsOf('owner-team.ts')
  expect([team['member.owner'], team['team.holder']]).toEqual([
    ['Owner', 'Inhaber'],
    ['Holder', 'Kontoinhaber'],
  ])
})

test('a sign-up has another German word than a sign-in', async () => {
  const all = (await Promise.all(pages.map(textsOf))).flatMap((texts) => Object.values(texts))
  const signUps = all.filter(([english]) => /sign(?:ed|ing)?[- ]up/i.test(english))
  expect(signUps.length).toBeGreaterThan(10)
  expect(signUps.filter(([, german]) => /anmeld|angemeldet|melden sich/i.test(german))).toEqual([])
})

test('a count before its noun may be one', async () => {
  const all = (await Promise.all(pages.map(textsOf))).flatMap((texts) => Object.values(texts))
  expect(all.filter(([english]) => /\} (?:requests in|hours)\b/.test(english))).toEqual([])
  expect([createFormats('en').hours(1), createFormats('de').hours(1), createFormats('de').hours(12.5)]).toEqual([
    '1 hour',
    '1 Stunde',
    '12,5 Stunden',
  ])
})

test('a placeholder without a value is an error', () => {
  expect(partsOf('a {b} c', { b: 1 })).toEqual(['a ', 1, ' c'])
  expect(() => partsOf('a {b}', {})).toThrow('needs a value for {b}')
})

test('dates, money and numbers follow the language', () => {
  const [english, german] = [createFormats('en'), createFormats('de')]
  const price = { amount: 190_050, currency: 'EUR' }
  expect([english.money(price), german.money(price)]).toEqual(['€1,900.50', '1.900,50\u00a0€'])
  expect(english.money({ amount: 1900, currency: 'JPY' })).toBe('JP¥1,900')
  // Stripe counts hundredths where Intl has none, and they may not be shown.
  const all = (amount: number) => ['HUF', 'ISK', 'KWD'].map((currency) => english.money({ amount, currency }))
  expect(all(790_000)).toEqual(['HUF\u00a07,900', 'ISK\u00a07,900', 'KWD\u00a0790'])
  expect(all(790_050)[0]).toBe('HUF\u00a07,900.50')
  expect([english.duration(1), english.duration(30), english.duration(91)]).toEqual([
    '1 second',
    '30 seconds',
    '2 minutes',
  ])
  expect(german.duration(600)).toBe('10 Minuten')
  expect([english.duration(7200), german.duration(7201), german.duration(44_760)]).toEqual([
    '120 minutes',
    '3 Stunden',
    '13 Stunden',
  ])
  const now = '2026-01-31T09:30:00.000Z'
  expect(english.fromNow('2026-02-03T09:30:00.000Z', now)).toBe('in 3 days')
  expect(german.fromNow('2026-01-31T05:30:00.000Z', now)).toBe('vor 4 Stunden')
  expect(german.fromNow('2026-02-02T19:30:00.000Z', now)).toBe('in 2 Tagen')
  // The ring beside such a text says the same.
  expect(english.left('2026-02-03T09:30:00.000Z', now)).toEqual(['3', 'days'])
  expect(german.left('2026-02-01T09:29:59.000Z', now)).toEqual(['24', 'Stunden'])
  expect(german.left(now, now)).toEqual(['0', 'Minuten'])
  expect([english.moment(now), german.moment(now)].join()).toMatch(/31 Jan 2026.*31\.01\.2026/)
  expect(german.date(now)).toBe('31. Januar 2026')
  expect([english.percent(0.5), german.number(1234.5)]).toEqual(['50%', '1.234,5'])
})

test('days and windows have the date of their own time zone', () => {
  const [english, german] = [createFormats('en'), createFormats('de')]
  const window = { from: '2026-12-05T21:00:00.000Z', until: '2026-12-06T01:30:00.000Z' }
  const plain = (text: string) => text.replace(/\s/g, ' ')
  const inBerlin = english.windows({ ...window, timeZone: 'Europe/Berlin' })
  expect(inBerlin.map((shown) => plain(shown.join(': ')))).toMatchInlineSnapshot(`
    [
      "Europe/Berlin: Sat, 5 December 2026 at 22:00 – Sun, 6 December 2026 at 02:30",
      "UTC: Sat, 5 December 2026 at 21:00 – Sun, 6 December 2026 at 01:30",
    ]
  `)
  // Once, where both are the same.
  expect(english.windows({ ...window, timeZone: 'UTC' })).toEqual(inBerlin.slice(1))
  expect(plain(german.windows({ ...window, timeZone: 'America/New_York' })[0]?.[1] ?? '')).toMatchInlineSnapshot(
    `"Sa., 5. Dezember 2026, 16:00–20:30 Uhr"`,
  )
  expect([english.date('2027-01-01'), german.date('2027-12-31')]).toEqual(['1 January 2027', '31. Dezember 2027'])
})

test.each(['Pacific/Pago_Pago', 'Pacific/Kiritimati'])(
  'a day has the same date in %s, an instant that of the zone',
  (zone) => {
    vi.stubEnv('TZ', zone)
    try {
      const { date } = createFormats('en')
      expect(date('2027-01-01')).toBe('1 January 2027')
      const inZone = { 'Pacific/Pago_Pago': '31 December 2026', 'Pacific/Kiritimati': '2 January 2027' }[zone]
      expect([date('2027-01-01T00:30:00.000Z'), date('2027-01-01T23:30:00.000Z')]).toContain(inZone)
    } finally {
      vi.unstubAllEnvs()
    }
  },
)
