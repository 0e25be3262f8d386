import { expect, it } from 'vitest'

const { offersPlans }: { offersPlans: (site: object, billing: object | undefined) => boolean } = await import(
  new URL('../../web/owner/offers-plans.js', import.meta.url).href
)

const running = { extension: null, suspended: null, deletion: null }
const trial = { ...running, extension: { left: 1, days: 7 } }
const at = '2026-03-01T12:00:00.000Z'
const byOperator = { suspended: { at, because: 'operator' } }
const deleted = {
  suspended: { at, because: 'owner-deletion' },
  deletion: { requestedAt: at, purgeAt: null, revocable: true },
}
const removed = { ...deleted, deletion: { ...deleted.deletion, revocable: false } }

it.each([
  ['a trial', trial, 'none', true],
  ['a trial of which billing is not known yet', trial, undefined, true],
  ['a plan by arrangement', running, 'none', false],
  ['what is paid for', running, 'active', true],
  ['what is past due', running, 'past-due', false],
  ['what is paused', running, 'paused', false],
  ['what has ended', running, 'ended', true],
  ['a trial that an operator has suspended', { ...trial, ...byOperator }, 'none', false],
  ['what an operator has suspended', { ...running, ...byOperator }, 'active', false],
  ['a trial that its owner has deleted', { ...trial, ...deleted }, 'none', true],
  ['what its owner has deleted', { ...running, ...deleted }, 'active', false],
  ['what has ended and its owner has deleted', { ...running, ...deleted }, 'ended', true],
  ['what operators are removing', { ...running, ...removed }, 'ended', false],
] as const)('plans to choose for %s: %#', (_, site, state, expected) => {
  expect(offersPlans(site, state && { state })).toBe(expected)
})
