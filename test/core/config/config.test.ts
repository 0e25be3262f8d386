import { describe, expect, it } from 'vitest'
import { defineConfig } from '../../../core/config/config.ts'
import shipped from '../../../sitewright.config.ts'

const messageOf = (input: unknown): string => {
  try {
    defineConfig(input as Parameters<typeof defineConfig>[0])
  } catch (error) {
    return String(error)
  }
  return 'it is valid'
}

describe('the configuration', () => {
  it('that ships with Sitewright is valid', () => {
    expect(defineConfig(structuredClone(shipped) as Parameters<typeof defineConfig>[0])).toEqual(shipped)
  })

  it.each<[string, object, readonly string[]]>([
    ['a brand that is empty', { brand: '' }, ['brand', '""', '>=1']],
    ['a brand that is missing', { brand: undefined }, ['brand', 'undefined', 'expected string']],
    ['a pool that is negative', { pool: { target: -1, buildsAtOnce: 2 } }, ['pool.target', '-1', '>=0']],
    ['nothing built at once', { pool: { target: 3, buildsAtOnce: 0 } }, ['pool.buildsAtOnce', '0', '>=1']],
    ['no blueprint', { offeredBlueprints: [] }, ['offeredBlueprints.0', 'undefined', 'expected string']],
    [
      'a trial of half a day',
      { trialPolicies: [{ ...shipped.trialPolicies[0], trialDays: 0.5 }] },
      ['trialPolicies.0.trialDays', '0.5', 'int'],
    ],
    [
      'a plan of an unknown kind',
      { plans: [{ ...shipped.plans[0], kind: 'gift' }] },
      ['plans.0.kind', '"gift"', '"trial"|"paid"|"enterprise"'],
    ],
    ...[0, 1.5, -30, '30', 43_201].map((sleepAfterMinutes): [string, object, readonly string[]] => [
      `a trial that sleeps after ${JSON.stringify(sleepAfterMinutes)} minutes`,
      { plans: [{ ...shipped.plans[0], sleepAfterMinutes }] },
      ['plans.0.sleepAfterMinutes', JSON.stringify(sleepAfterMinutes), 'must be'],
    ]),
    ...['bot(', '', 'bot|'].map((pattern): [string, object, readonly string[]] => [
      `a crawler by the pattern ${JSON.stringify(pattern)}`,
      { sleep: { crawlers: [pattern] } },
      ['sleep.crawlers.0', JSON.stringify(pattern), 'must be a regular expression that does not match'],
    ]),
    [
      'a limit of nobody',
      { abuse: { ...shipped.abuse, codeTries: { address: [{ limit: 0, minutes: 1 }], network: [] } } },
      ['abuse.codeTries.address.0.limit', '0', '>=1'],
    ],
    [
      'a window without an end',
      { abuse: { ...shipped.abuse, codeTries: { address: [{ limit: 1 }], network: [] } } },
      ['abuse.codeTries.address.0.minutes', 'undefined', 'expected number'],
    ],
    [
      'two limits for one window',
      {
        abuse: {
          ...shipped.abuse,
          codeTries: {
            network: [],
            address: [
              { limit: 1, minutes: 9 },
              { limit: 2, minutes: 9 },
            ],
          },
        },
      },
      ['abuse.codeTries.address', 'must have one limit for each number of minutes'],
    ],
    [
      'limits of mails that cannot be counted together',
      {
        abuse: {
          ...shipped.abuse,
          mails: {
            ...shipped.abuse.mails,
            address: [
              { limit: 1, minutes: 7 },
              { limit: 2, minutes: 60 },
            ],
          },
        },
      },
      ['abuse.mails.address', 'must have minutes that divide the longest'],
    ],
    [
      'a mail domain in capitals',
      { abuse: { ...shipped.abuse, sharedMailDomains: ['Gmail.com'] } },
      ['abuse.sharedMailDomains.0', '"Gmail.com"', 'lower case'],
    ],
    [
      'proof of work at no pressure',
      { abuse: { ...shipped.abuse, proofOfWork: { ...shipped.abuse.proofOfWork, pressure: 0 } } },
      ['abuse.proofOfWork.pressure', '0', '>0'],
    ],
    [
      'proof of work sometimes',
      { abuse: { ...shipped.abuse, proofOfWork: { ...shipped.abuse.proofOfWork, when: 'sometimes' } } },
      ['abuse.proofOfWork.when', '"sometimes"', '"under-pressure"|"always"|"never"'],
    ],
    [
      'reports that forget a yearly subscription before its next payment',
      { reports: { retentionDays: 365 } },
      ['reports.retentionDays', '365', '>=400'],
    ],
    ['a word for a number', { pool: { target: 'three', buildsAtOnce: 2 } }, ['pool.target', '"three"', 'number']],
  ])('with %s is refused with the path, the value and what is allowed', (_, change, parts) => {
    const message = messageOf({ ...shipped, ...change })
    for (const part of parts) expect(message).toContain(part)
  })

  it('with a misspelt field is refused with the field, and without repeating everything else', () => {
    const message = messageOf({ ...shipped, brnad: 'Acme' })
    expect(message).toContain('brnad: is an unknown field (it is "Acme")')
    expect(message).not.toContain('retentionDays')
  })

  it('names everything that is wrong at once', () => {
    const message = messageOf({ ...shipped, brand: '', pool: { target: -1, buildsAtOnce: 0 } })
    expect(message.split('\n')).toHaveLength(4)
  })
})
