import { expect, test } from 'vitest'
import { actsFor, hintOf, mayDelete, newsOf } from '../../web/owner/site-acts.ts'
import {
  addressOf,
  deadlineOf,
  failureText,
  type Site,
  sleepText,
  stateOf,
  statusText,
} from '../../web/owner/site-words.ts'
import { inLanguage } from '../../web/texts/catalogue.ts'
import { catalogue } from '../../web/texts/catalogues/owner.ts'
import { createTexts } from '../../web/texts/texts.ts'
import { noon, sampleSite } from './sample-site.ts'

const words = createTexts('en', inLanguage(catalogue, 'en'))
const at = (day: number): string => words.format.instant(noon(day))

const active = sampleSite
const suspended: Site = {
  ...active,
  status: 'suspended',
  nextStep: { step: 'archive', at: noon(25) },
  suspended: { at: noon(15), because: 'trial-ended' },
}
const archived: Site = {
  ...active,
  status: 'archived',
  nextStep: { step: 'warn', at: noon(28) },
  archived: { at: noon(25), purgeAt: noon(30), because: 'trial-ended' },
}
const used = { extension: { left: 0, used: 1, days: 7 } }
const unextendable = { extension: { left: 0, used: 0, days: 7 } }
const deletion = { requestedAt: noon(2), purgeAt: noon(9), revocable: true }
const archivedByOperator: Site = { ...archived, archived: { at: noon(25), purgeAt: noon(30), because: 'operator' } }
const paused: Site = {
  ...suspended,
  trialEndsAt: null,
  extension: null,
  suspended: { at: noon(15), because: 'subscription-paused' },
}
const moved: Site = { ...suspended, suspended: { at: noon(3), because: 'moved' } }
const archivedMoved: Site = { ...archived, archived: { at: noon(25), purgeAt: noon(30), because: 'moved' } }
const byOperator: Site = { ...suspended, suspended: { at: noon(3), because: 'operator' } }

test('shows the end of a trial as its deadline, whatever reminder comes before', () => {
  for (const status of ['active', 'asleep'] as const)
    expect(deadlineOf(words, { ...active, status }, noon(3))).toEqual([
      `The trial ends on ${at(15)} (in 12 days).`,
      'Then your site is suspended, and its data is kept.',
    ])
  const paid: Site = { ...active, trialEndsAt: null, nextStep: null }
  expect(deadlineOf(words, paid, noon(3))).toEqual(['', ''])
  const unpaid: Site = { ...paid, nextStep: { step: 'suspend', at: noon(9) } }
  expect(deadlineOf(words, unpaid, noon(3))[0]).toBe(`Your site will be suspended on ${at(9)} (in 6 days).`)
})

test('shows the end of an environment, while it has one', () => {
  const of = (endsAt: string | null, more: Partial<Site> = {}) => {
    const environment = { siteId: active.id, name: 'qa', branch: null, endsAt, hasProductionData: false }
    return deadlineOf(words, { ...active, trialEndsAt: null, nextStep: null, environment, ...more }, noon(3))
  }
  const ends = [`This environment ends on ${at(9)} (in 6 days).`, 'Extend it, or deploy to it, to keep it longer.']
  expect([of(noon(9)), of(noon(9), { status: 'asleep' })]).toEqual([ends, ends])
  expect(of(noon(3))).toEqual(['This environment is about to end.', ''])
  expect(of(null)).toEqual(['', ''])
  expect(of(noon(9), { ...suspended, deletion })[0]).toContain('deleted permanently')
})

test('announces the suspension of an ended trial, or its postponed date', () => {
  const due: Site = { ...active, nextStep: { step: 'suspend', at: noon(15) } }
  for (const now of [noon(15), noon(20)])
    expect(deadlineOf(words, due, now)).toEqual([
      `The trial ended on ${at(15)}.`,
      'Your site is about to be suspended. Its data is kept.',
    ])
  const putOff: Site = { ...active, nextStep: { step: 'suspend', at: noon(17) } }
  expect(deadlineOf(words, putOff, noon(16))[0]).toBe(
    `The trial has ended. Your site will be suspended on ${at(17)} (in 24 hours).`,
  )
  expect(deadlineOf(words, putOff, noon(18))[0]).toContain('The trial ended on')
})

test('shows the next ending of a suspended or archived site, whatever warning comes before', () => {
  const texts = (site: Site, now = noon(5)) => deadlineOf(words, site, now).join(' ').trim()
  expect(texts(suspended)).toBe(`We will archive your site on ${at(25)} (in 20 days) unless you resume it first.`)
  const because = (reason: string) => ({ ...suspended, suspended: { ...suspended.suspended, because: reason } }) as Site
  expect(texts(because('payment-overdue'))).toContain('unless the invoice is paid first.')
  expect(texts(because('subscription-ended'))).toContain('unless you choose a plan first.')
  expect(texts(suspended, noon(26))).toContain('about to be archived')
  expect(texts({ ...suspended, nextStep: null })).toBe('Its data is kept.')
  expect(texts(archived)).toBe(
    `We will delete it permanently on ${at(30)} (in 25 days). You can restore it until then.`,
  )
  expect(texts(archived, noon(30))).toContain('about to be deleted permanently')
  expect(texts({ ...archived, archived: { at: noon(25), purgeAt: null, because: null } })).toContain('at any time')
  // Its owner has no way back that the page could promise.
  expect(texts(byOperator)).toBe(`We will archive your site on ${at(25)} (in 20 days). Its data is kept.`)
  expect(texts(archivedByOperator)).toBe(
    `We will delete it permanently on ${at(30)} (in 25 days). [Write to us] if you want to keep it.`,
  )
  const open = { ...archivedByOperator, archived: { at: noon(25), purgeAt: null, because: 'operator' as const } }
  expect(texts(open)).toBe('[Write to us] if you want to keep it.')
  expect(texts(paused)).toBe(texts(byOperator))
  expect([texts(moved), texts(archivedMoved)]).toEqual([texts(byOperator), texts(archivedByOperator)])
  for (const site of [suspended, archived]) {
    const deleted = (more = {}, now = noon(5)) => texts({ ...site, deletion: { ...deletion, ...more } }, now)
    expect(deleted()).toBe(
      `Your site will be deleted permanently on ${at(9)} (in 4 days). You can cancel the deletion until then.`,
    )
    expect(deleted({ revocable: false })).toMatch(/\(in 4 days\)\. \[Write to us\] if you want to keep it\.$/)
    expect(deleted({}, noon(9))).toContain('about to be deleted permanently')
    expect(deleted({ purgeAt: null })).toContain('No date is set yet')
  }
  expect(texts({ ...active, status: 'purged' })).toBe('')
})

test.each<[string, Site, string[]]>([
  ['runs', active, ['extend']],
  ['runs, its extension used', { ...active, ...used }, []],
  ['runs and is paid for', { ...active, extension: null }, []],
  ['is copied', { ...active, operation: 'copy' }, ['extend']],
  ['is suspended', suspended, ['resume', 'extend']],
  ['is suspended, its extension used', { ...suspended, ...used }, ['resume']],
  ['is being stopped', { ...suspended, operation: 'suspend' }, ['extend']],
  ['is being archived', { ...suspended, operation: 'archive' }, ['resume', 'extend']],
  ['an operator suspended', byOperator, []],
  ['an operator suspended and that was archived since', archivedByOperator, []],
  ['moved to another installation', moved, []],
  ['is suspended with a paused subscription', paused, []],
  ['moved and was archived since', archivedMoved, []],
  ['is scheduled for deletion', { ...suspended, deletion }, ['keep']],
  ['operators delete', { ...suspended, deletion: { ...deletion, revocable: false } }, []],
  ['is archived', archived, ['restore', 'extend']],
  ['is archived and loses its disk', { ...archived, operation: 'archive' }, ['extend']],
  ['is archived and scheduled for deletion', { ...archived, deletion }, ['keep']],
  ['is being restored', { ...archived, operation: 'restore' }, []],
  ['is purged', { ...active, status: 'purged' }, []],
  ['is being built', { ...active, status: 'building' }, []],
])('offers the acts of a site that %s', (_, site, acts) => {
  expect(actsFor(site)).toEqual(acts)
})

test('a site can be deleted that is in use or kept, once', () => {
  expect([active, { ...active, operation: 'copy' as const }, suspended, byOperator, archived].every(mayDelete)).toBe(
    true,
  )
  const building: Site = { ...active, status: 'building' }
  const not: Site[] = [building, { ...suspended, deletion }, { ...archived, operation: 'restore' }]
  expect(not.some(mayDelete)).toBe(false)
})

test('says what resuming costs, by the domain clock', () => {
  const ended = noon(15)
  expect(hintOf(words, suspended, ended)).toBe('Resuming uses your extension and continues the trial for 7 days.')
  expect(hintOf(words, { ...suspended, ...used }, ended)).toContain('Resuming requires a plan')
  expect(hintOf(words, archived, ended)).toBe('Restoring uses your extension and continues the trial for 7 days.')
  expect(hintOf(words, { ...archived, ...used }, ended)).toContain('Restoring requires a plan')
  const full: Site = { ...suspended, suspended: { at: noon(10), because: 'storage-full' } }
  expect(hintOf(words, full, noon(14))).toContain(`free until the trial ends on ${at(15)}`)
  // Its trial continued while it was suspended, and has ended now.
  expect(hintOf(words, full, ended)).toContain('uses your extension and ')
  expect(hintOf(words, { ...suspended, extension: null }, ended)).toBe('')
  expect(hintOf(words, { ...active, ...used }, ended)).toBe('You have used the trial extension.')
  // Where the policy allows no extension, nobody has used one.
  expect(hintOf(words, { ...active, ...unextendable }, ended)).toBe('')
  expect(hintOf(words, { ...suspended, ...unextendable }, ended)).toBe('Resuming requires a plan.')
  expect(hintOf(words, { ...suspended, deletion }, ended)).toContain('If you cancel the deletion')
})

test('tells the result of an act, and the new end of the trial', () => {
  const later = { ...active, trialEndsAt: noon(22) }
  const ends = `The trial now ends on ${at(22)}.`
  expect(newsOf(words, 'extend', active, later)).toBe(`Your trial is extended. ${ends}`)
  expect(newsOf(words, 'resume', suspended, later)).toBe(`Your site is starting. ${ends}`)
  expect(newsOf(words, 'restore', archived, archived)).toBe('Your site is being restored.')
  expect(newsOf(words, 'keep', suspended, suspended)).toBe('The deletion is cancelled.')
})

test('describes status and suspension in words', () => {
  const because = (reason: NonNullable<Site['suspended']>['because']) =>
    statusText(words, { ...suspended, suspended: { at: noon(15), because: reason } })
  const all = (['trial-ended', 'storage-full', 'operator', 'owner-deletion', 'payment-overdue'] as const).map(because)
  expect(new Set(all).size).toBe(5)
  expect(statusText(words, { ...suspended, trialEndsAt: noon(20) })).toContain('suspended since its trial ended')
  for (const site of [moved, archivedMoved]) expect(statusText(words, site)).toContain('moved to another installation')
  expect(statusText(words, paused)).toContain('its subscription is paused. [Write to us] to continue it.')
  expect(statusText(words, { ...suspended, deletion })).toContain('scheduled for deletion')
  const environment = { siteId: active.id, name: 'qa', branch: null, endsAt: null, hasProductionData: false }
  for (const reason of ['trial-ended', 'payment-overdue', 'subscription-ended'] as const) {
    const down = { ...suspended, environment, suspended: { at: noon(15), because: reason } }
    expect(statusText(words, down)).toBe('Your site is suspended.')
  }
  expect(statusText(words, { ...byOperator, environment })).toContain('We have suspended')
  expect(statusText(words, archived)).toContain('is archived')
})

test('gives the reason of a failed build in the language of the page, if we have it', () => {
  const german = createTexts('de', inLanguage(catalogue, 'de'))
  const known = {
    at: noon(1),
    reason: 'It could not be started.',
    reasonInGerman: 'Sie konnte nicht gestartet werden.',
    again: 'place',
  } as const
  const own = { ...known, reason: 'exit code 3', reasonInGerman: null }
  expect(failureText(german, known)).toEqual({ text: known.reasonInGerman, lang: 'de' })
  expect(failureText(german, own)).toEqual({ text: own.reason, lang: 'en' })
  expect(failureText(words, known)).toEqual({ text: known.reason, lang: 'en' })
})

test.each([
  ['trial', 'Your trial is still available: try again.'],
  ['place', 'Its place is free again, so you can try again at any time.'],
  ['contact', '[Write to us] to have it built again.'],
] as const)('says what there is for another try after a failed build: %s', (again, text) => {
  const failure = { at: noon(1), reason: 'It could not be started.', reasonInGerman: null, again }
  expect(statusText(words, { ...active, status: 'failed', failure })).toBe(`Your site could not be built. ${text}`)
})

test('the address of a site is its main custom domain, if it has one', () => {
  expect(addressOf(active)).toBe('ada.localhost')
  expect(addressOf({ ...active, mainUrl: 'http://www.ada.example:4000/' })).toBe('www.ada.example')
})

test('the badge of a site names what matters most', () => {
  const down: Site = { ...active, downSince: noon(1) }
  const purging: Site = { ...archived, operation: 'purge' }
  expect([active, down, suspended, { ...suspended, deletion }, purging].map(stateOf)).toEqual([
    'awake',
    'down',
    'suspended',
    'deleting',
    'deleting',
  ])
  expect(stateOf({ ...archived, status: 'purged', deletion })).toBe('purged')
})

test('says when a site sleeps', () => {
  expect(sleepText(words, null)).toBe('Your site never sleeps.')
  expect(sleepText(words, 1)).toContain('after 1 minute without visitors')
})
