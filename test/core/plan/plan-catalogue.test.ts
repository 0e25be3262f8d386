import { expect, test } from 'vitest'
import type { Plan } from '../../../core/plan/plan.ts'
import { createUnlocks } from '../../../core/plan/plan-catalogue.ts'
import config from '../../../sitewright.config.ts'

const [trial, starter, growth, enterprise] = ['trial', 'starter', 'growth', 'enterprise'].map((id) => {
  const plan = config.plans.find((each) => each.id === id)
  if (plan === undefined) throw new Error(`no plan ${id}`)
  return plan
}) as [Plan, Plan, Plan, Plan]
const unlocksFor = createUnlocks({ plans: [trial, starter, growth, enterprise] })

test('a feature that a plan lacks points to the plans that have it, in the order of the catalogue', () => {
  expect(unlocksFor(starter)).toEqual({
    scorm: ['growth', 'enterprise'],
    export: ['growth', 'enterprise'],
    customCode: ['enterprise'],
  })
  expect(unlocksFor(trial)['customDomain']).toEqual(['starter', 'growth', 'enterprise'])
})

test('a plan that lacks nothing leads nowhere', () => {
  expect(unlocksFor(enterprise)).toEqual({})
})

test('a trial is nothing to move to', () => {
  const generousTrial: Plan = { ...trial, features: [...trial.features, 'gift'] }
  expect(createUnlocks({ plans: [generousTrial, starter] })(starter)).not.toHaveProperty('gift')
})

test('returns the same object for the same plan', () => {
  expect(unlocksFor(growth)).toBe(unlocksFor(growth))
})
