import { describe, expect, it } from 'vitest'
import { siteEventTypes } from '../../../core/events/event.ts'
import { isFinal, requireTransition, type TransitionName, transitions } from '../../../core/site/lifecycle.ts'
import type { SiteStatus } from '../../../core/site/site.ts'
import { endingRehearsal } from '../../../lambdas/rehearsals/rehearsal.ts'
import { fixedContext } from '../../support/fixed-ports.ts'
import { everyStatus, siteSamples } from '../../support/site-samples.ts'

/** Written out once more by hand, from where and to where: a change of the table has to be meant. */
const table: Readonly<Record<TransitionName, readonly [from: readonly (SiteStatus | 'nothing')[], to: string]>> = {
  request: [['nothing'], 'building'],
  advance: [['building'], 'building'],
  retry: [['building', 'failed'], 'building'],
  stock: [['building'], 'ready'],
  open: [['building'], 'active'],
  fail: [['building'], 'failed'],
  claim: [['ready'], 'active'],
  claimPrepared: [['ready'], 'building'],
  retire: [['building', 'ready'], 'purged'],
  move: [['ready', 'active'], 'same'],
  upgrade: [['active'], 'same'],
  assignVersion: [['asleep'], 'same'],
  sleep: [['active'], 'asleep'],
  wake: [['asleep'], 'active'],
  suspend: [['active', 'asleep'], 'suspended'],
  resume: [['suspended'], 'active'],
  archive: [['suspended'], 'archived'],
  restore: [['archived'], 'active'],
  extendEnvironment: [['active', 'asleep'], 'same'],
  endRehearsal: [['building', 'active', 'asleep', 'suspended', 'archived'], 'purged'],
  purge: [['suspended', 'archived'], 'purged'],
  chooseProtection: [['active', 'asleep', 'suspended', 'archived'], 'same'],
  rename: [['active', 'asleep', 'suspended', 'archived'], 'same'],
  changeUrl: [['active', 'asleep', 'suspended', 'archived'], 'same'],
  chooseSleep: [['active', 'asleep', 'suspended', 'archived'], 'same'],
  remind: [['active', 'asleep'], 'same'],
  warn: [['archived'], 'same'],
  skipNotices: [['active', 'asleep', 'archived'], 'same'],
  extend: [['active', 'asleep', 'suspended', 'archived'], 'same'],
  noteBilling: [['active', 'asleep', 'suspended', 'archived'], 'same'],
  returnPayment: [['active', 'asleep', 'suspended', 'archived', 'purged'], 'same'],
  changePlan: [['active', 'asleep', 'suspended', 'archived'], 'same'],
  changePolicy: [['active', 'asleep', 'suspended', 'archived'], 'same'],
  hold: [['active', 'asleep', 'suspended', 'archived'], 'same'],
  endHold: [['active', 'asleep', 'suspended', 'archived'], 'same'],
  begin: [['active', 'asleep', 'suspended', 'archived'], 'same'],
  retryOperation: [['active', 'asleep', 'suspended', 'archived', 'purged'], 'same'],
  endOperation: [['active', 'asleep', 'suspended', 'archived', 'purged'], 'same'],
  requestDeletion: [['suspended', 'archived'], 'same'],
  revokeDeletion: [['suspended', 'archived'], 'same'],
  requestPurge: [['suspended', 'archived'], 'same'],
  recordCopy: [['active', 'asleep'], 'same'],
  skipCopy: [['active', 'asleep'], 'same'],
  noteDown: [['active'], 'same'],
  noteStorage: [['active'], 'same'],
  showCredentials: [['active', 'asleep', 'suspended', 'archived'], 'same'],
  enterAsSupport: [['active', 'asleep'], 'same'],
  draftRelocation: [['active', 'asleep'], 'same'],
  acceptRelocation: [['active', 'asleep'], 'same'],
  announceRelocation: [['active', 'asleep'], 'same'],
  missRelocation: [['active', 'asleep'], 'same'],
  withdrawRelocation: [['active', 'asleep'], 'same'],
  confirmRelocation: [['active', 'asleep', 'suspended', 'archived'], 'same'],
}
const names = Object.keys(transitions) as TransitionName[]
const origins = ['nothing', ...everyStatus] as const
const cases = names.flatMap((name) =>
  origins.map((origin) => [name, origin, table[name][0].includes(origin) ? 'allowed' : 'forbidden'] as const),
)
const siteAt = (origin: (typeof origins)[number]) => (origin === 'nothing' ? undefined : siteSamples[origin])

/** Where a transition leads from a status; undefined where it does not start there. */
const targetOf = (name: TransitionName, status: SiteStatus): SiteStatus | undefined => {
  const { from, to } = transitions[name]
  if (!from.some((one) => one === status)) return undefined
  return to === 'same' ? status : to
}

describe('the table of transitions', () => {
  it.each(cases)('%s from %s is %s', (name, origin, verdict) => {
    const ask = () => requireTransition(name, siteAt(origin))
    if (verdict === 'allowed') expect(ask()).toBe(transitions[name])
    else expect(ask).toThrow(expect.objectContaining({ kind: 'TransitionNotAllowed' }))
  })

  it.each(names)('%s leads where it is meant to', (name) => {
    expect(transitions[name].to).toBe(table[name][1])
  })

  it('explains a forbidden transition', () => {
    expect(() => requireTransition('claim', siteSamples.active)).toThrow(
      'A site that is active cannot be claimed; it must be ready.',
    )
    expect(() => requireTransition('claim', undefined)).toThrow('A site that is missing cannot be claimed')
    expect(() => requireTransition('request', siteSamples.failed)).toThrow('it must be new')
  })

  it('names every status and every event, each with one transition', () => {
    expect(new Set(names.map((name) => transitions[name].to))).toEqual(new Set([...everyStatus, 'same']))
    expect(names.map((name) => transitions[name].event).toSorted()).toEqual([...siteEventTypes].toSorted())
  })

  it('has purged as its only end: a failed import is built again', () => {
    expect(everyStatus.filter(isFinal).toSorted()).toEqual(['purged'])
  })

  it('hands out nothing that had an owner: only ready is claimed, and nothing that had one becomes ready', () => {
    const intoReady = names.flatMap((name) =>
      everyStatus.filter((status) => status !== 'ready' && targetOf(name, status) === 'ready'),
    )
    expect(intoReady).toEqual(['building'])
    expect(transitions.claim.from).toEqual(['ready'])
  })

  it('ends nothing but a rehearsal without a suspension', () => {
    const context = fixedContext()
    expect(() => endingRehearsal(siteSamples.active, 'over', context)).toThrow('is no rehearsal')
  })

  it('lets an owner’s site be purged from suspended and archived alone, and archived from suspended alone', () => {
    const into = (target: SiteStatus) =>
      names.flatMap((name) =>
        transitions[name].to === target && name !== 'endRehearsal' ? transitions[name].from : [],
      )
    // A site that is being built is retired only if nobody owns it: it proved a draft.
    expect(into('purged').toSorted()).toEqual(['archived', 'building', 'ready', 'suspended'])
    expect(into('archived')).toEqual(['suspended'])
    expect(into('suspended')).toEqual(['active', 'asleep'])
  })

  it('lets nothing leave an end, and nothing that was open become ready again', () => {
    const targetsOf = (status: SiteStatus) => names.flatMap((name) => targetOf(name, status) ?? [])
    for (const status of everyStatus.filter(isFinal)) {
      for (const target of targetsOf(status)) expect(target).toBe(status)
    }
    // A set gives what is added while it is walked.
    const reached = new Set<SiteStatus>(['active'])
    for (const status of reached) for (const target of targetsOf(status)) reached.add(target)
    expect([...reached].toSorted()).toEqual(['active', 'archived', 'asleep', 'purged', 'suspended'])
  })
})
