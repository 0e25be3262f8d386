import { expect, it } from 'vitest'
import { abusePolicySchema } from '../../lambdas/signup/abuse/abuse-policy.ts'
import config from '../../sitewright.config.ts'
import { settingFacts } from '../../web/operator/setting-facts.ts'
import { inLanguage } from '../../web/texts/catalogue.ts'
import { catalogue } from '../../web/texts/catalogues/operator.ts'
import { createTexts } from '../../web/texts/texts.ts'

const page = createTexts('en', inLanguage(catalogue, 'en'))

it('calls each setting by words, in both languages', () => {
  const { plans, trialPolicies, pool, trials, sleep, abuse, audit } = config
  const settings = [pool, trials, sleep, abusePolicySchema.parse(abuse), audit, ...plans, ...trialPolicies]
  for (const language of ['en', 'de'] as const) {
    const facts = settings.flatMap((setting) =>
      settingFacts(createTexts(language, inLanguage(catalogue, language)), setting),
    )
    expect(facts.length).toBeGreaterThan(60)
    // Only names of the configuration have a capital letter within a word.
    expect(facts.map(([name]) => name).filter((name) => /[a-z][A-Z]/.test(name))).toEqual([])
  }
})

it('says values with their units', () => {
  const prices = [{ amount: 1900, currency: 'EUR', interval: 'month' }]
  const setting = { retentionDays: 400, size: { memoryMiB: 1024 }, paymentsAreLive: false, prices, opens: [] }
  expect(settingFacts(page, setting)).toEqual([
    ['Kept for', '400 days'],
    ['Size: Memory', '1 GB'],
    ['Payments are real', 'No'],
    ['Prices', '€19 a month'],
    ['Opens', '–'],
  ])
  expect(
    settingFacts(page, {
      wakes: {
        client: [
          { limit: 30, minutes: 10 },
          { limit: 150, minutes: 1440 },
        ],
      },
    }),
  ).toEqual([['Wakes: of a visitor', '30 in 10 minutes, 150 in 1 day']])
})
