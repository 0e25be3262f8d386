import { describe, expect, it } from 'vitest'
import { defineConfig } from '../../../core/config/config.ts'
import { contrastOf } from '../../../lambdas/offers/offer.ts'
import shipped from '../../../sitewright.config.ts'

type Input = Parameters<typeof defineConfig>[0]

const messageOf = (changes: object): string => {
  try {
    defineConfig({ ...structuredClone(shipped), ...changes } as Input)
  } catch (error) {
    return String(error)
  }
  return 'it is valid'
}

const production = structuredClone(shipped).stages['production']!
const schools = { id: 'schools', paths: ['/schools'] }
const question = { id: 'goal', kind: 'text', label: { en: 'Goal', de: 'Ziel' } }
const [trial, starter] = shipped.plans
const [policy] = shipped.trialPolicies

describe('the offers of a configuration', () => {
  it('may be absent, and may be many with trial plans and policies of their own', () => {
    expect(messageOf({})).toBe('it is valid')
    expect(
      messageOf({
        plans: [...shipped.plans, { ...trial, id: 'trial-schools' }],
        trialPolicies: [...shipped.trialPolicies, { ...policy, version: 2, name: 'long', trialDays: 30 }],
        offers: [
          { id: 'default', plans: ['growth', 'starter'] },
          { ...schools, trialPlan: 'trial-schools', trialPolicy: 'long', blueprint: 'welcome' },
          {
            id: 'clubs',
            hostnames: ['clubs.example.org'],
            variants: [{ name: 'long', weight: 1, trialPolicy: 'long' }],
          },
        ],
      }),
    ).toBe('it is valid')
  })

  it.each<[string, object, readonly string[]]>([
    ['an id twice', { offers: [schools, { ...schools, paths: ['/other'] }] }, ['offers.1.id', 'of another offer']],
    ['no place', { offers: [{ id: 'schools' }] }, ['offers.0.hostnames', 'needs a hostname or a path']],
    [
      'the path of another',
      { offers: [schools, { id: 'clubs', paths: ['/clubs', '/schools'] }] },
      ['offers.1.paths.1', '"/schools"', "is already of the offer 'schools'"],
    ],
    [
      'the hostname of another',
      {
        offers: [
          { id: 'schools', hostnames: ['learn.example.org'] },
          { id: 'clubs', hostnames: ['learn.example.org'] },
        ],
      },
      ['offers.1.hostnames.0', '"learn.example.org"', "is already of the offer 'schools'"],
    ],
    [
      'the hostname of the console',
      { offers: [{ id: 'schools', hostnames: ['try.example.com'] }] },
      ['offers.0.hostnames.0', "in stage 'production'"],
    ],
    [
      'a hostname of sites',
      { offers: [{ id: 'schools', hostnames: ['schools.example.net'] }] },
      ['offers.0.hostnames.0', 'one of sites'],
    ],
    [
      'a stage that serves hostnames outside of their zone and in the domain of sites',
      {
        offers: [{ id: 'schools', hostnames: ['schools.example.org', 'learn.example.net'] }],
        stages: {
          production: {
            ...production,
            sites: { ...production.sites, domain: 'sites.example.net' },
            console: {
              ...production.console,
              offerHostnames: [
                { hostname: 'schools.example.org' },
                { hostname: 'learn.example.net', hostedZone: production.sites.hostedZone },
              ],
            },
          },
        },
      },
      [
        'stages.production.console.offerHostnames.0.hostname: must be within its hosted zone, example.com',
        'stages.production.console.offerHostnames.1.hostname: is of the domain of sites',
      ],
    ],
    [
      'a stage that serves the hostname of no offer, and one twice',
      {
        offers: [{ id: 'schools', hostnames: ['schools.example.com'] }],
        stages: {
          production: {
            ...production,
            console: {
              ...production.console,
              offerHostnames: ['clubs', 'schools', 'schools'].map((name) => ({ hostname: `${name}.example.com` })),
            },
          },
        },
      },
      [
        'stages.production.console.offerHostnames.0.hostname: is the hostname of no offer',
        'stages.production.console.offerHostnames.2.hostname: is named twice',
      ],
    ],
    ['a path of the console', { offers: [{ id: 'x', paths: ['/operator'] }] }, ['offers.0.paths.0', 'of the console']],
    ['a path of two parts', { offers: [{ id: 'x', paths: ['/a/b'] }] }, ['offers.0.paths.0', 'must be one part']],
    [
      'a place for the installation’s own offer',
      { offers: [{ id: 'default', paths: ['/own'] }] },
      ['offers.0.id', 'no hostnames or paths'],
    ],
    [
      'a plan that is not sold',
      { offers: [{ ...schools, plans: ['starter', 'trial'] }] },
      ['offers.0.plans.1', '"trial"', 'must be one of: starter, growth, enterprise'],
    ],
    ['an unknown trial plan', { offers: [{ ...schools, trialPlan: 'starter' }] }, ['offers.0.trialPlan', 'trial']],
    ['an unknown policy', { offers: [{ ...schools, trialPolicy: 'long' }] }, ['offers.0.trialPolicy', 'there is none']],
    ['an unknown blueprint', { offers: [{ ...schools, blueprint: 'shop' }] }, ['offers.0.blueprint', 'welcome']],
    [
      'days in the wrong order',
      { offers: [{ ...schools, firstDay: '2027-02-01', lastDay: '2027-01-31' }] },
      ['offers.0.lastDay', 'must not be before firstDay'],
    ],
    [
      'a variant twice',
      {
        offers: [
          {
            ...schools,
            variants: [
              { name: 'a', weight: 1 },
              { name: 'a', weight: 1 },
            ],
          },
        ],
      },
      ['offers.0.variants.1.name', '"a"'],
    ],
    [
      'a variant without weight',
      { offers: [{ ...schools, variants: [{ name: 'a', weight: 0 }] }] },
      ['offers.0.variants.0.weight', '0'],
    ],
    [
      'a question that has to be answered',
      { offers: [{ ...schools, questions: [{ ...question, required: true }] }] },
      ['offers.0.questions.0.required', 'a question never blocks a sign-up'],
    ],
    [
      'a question twice',
      { offers: [{ ...schools, questions: [question, question] }] },
      ['offers.0.questions.1.id', 'of another question'],
    ],
    [
      'a question without a text in a language of the offer',
      { offers: [{ ...schools, questions: [{ ...question, label: { en: 'Goal' } }] }] },
      ['offers.0.questions.0.label.de', 'is missing'],
    ],
    [
      'an option without a text in a language of the offer',
      {
        offers: [
          {
            ...schools,
            languages: ['de'],
            questions: [
              {
                ...question,
                kind: 'choice',
                options: [
                  { id: 'a', label: { de: 'A' } },
                  { id: 'b', label: {} },
                ],
              },
            ],
          },
        ],
      },
      ['offers.0.questions.0.options.1.label.de', 'is missing'],
    ],
    [
      'too many questions',
      { offers: [{ ...schools, questions: ['a', 'b', 'c', 'd'].map((id) => ({ ...question, id })) }] },
      ['offers.0.questions', '3'],
    ],
    [
      'an accent on which white text cannot be read',
      { offers: [{ ...schools, brand: { colours: { light: '#f59e0b', dark: '#5eead4' } } }] },
      ['offers.0.brand.colours.light', 'has a contrast of 2.1 to 1 with its text #ffffff', 'at least 4.5', '#f59e0b'],
    ],
    [
      'an accent on which dark text cannot be read',
      { offers: [{ ...schools, brand: { colours: { light: '#767676', dark: '#0f766e' } } }] },
      ['offers.0.brand.colours.dark', 'has a contrast of 3.'],
    ],
    [
      'a colour by name',
      { offers: [{ ...schools, brand: { colours: { light: 'red', dark: '#ffffff' } } }] },
      ['offers.0.brand.colours.light', '"red"', 'such as #0f766e'],
    ],
    ['no trial plan', { plans: [starter] }, ['plans', "needs the kind 'trial'"]],
    ['a trial plan of another id', { plans: [{ ...trial, id: 'taster' }] }, ['plans.0.id', '"taster"']],
    ['a sold plan of a trial’s id', { plans: [trial, { ...starter, id: 'trial-x' }] }, ['plans.1.id', '"trial-x"']],
    [
      'only policies with names',
      { trialPolicies: [{ ...policy, name: 'long' }] },
      ['trialPolicies', 'one needs no name'],
    ],
  ])('are refused with %s', (_name, changes, parts) => {
    const message = messageOf(changes)
    for (const part of parts) expect(message).toContain(part)
  })
})

// Those of the explanation of WCAG's success criterion 1.4.3, and the ends of the scale.
it.each([
  ['#ffffff', '#000000', '21.00'],
  ['#777777', '#ffffff', '4.48'],
  ['#ffffff', '#767676', '4.54'],
  ['#0f766e', '#0f766e', '1.00'],
])('the contrast of %s and %s is %s', (one, other, ratio) => {
  expect(contrastOf(one, other).toFixed(2)).toBe(ratio)
})
