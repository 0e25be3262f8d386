import { expect, test } from 'vitest'
import { launchDigest } from '../../../adapters/site-runtime/launch-digest.ts'
import { probeLaunch } from '../../support/probe-launch.ts'

const launch = probeLaunch({ environment: { A: '1', B: '2' } })

test('the order of keys makes no difference', () => {
  const environment = Object.fromEntries(Object.entries(launch.environment).reverse())
  const reordered = { ...launch, environment }
  expect(launchDigest(reordered)).toBe(launchDigest(launch))
})

test.each([
  ['the blueprint version', { ...launch, blueprint: { ...launch.blueprint, version: 2 } }],
  ['the environment', { ...launch, environment: { ...launch.environment, A: '3' } }],
  ['the size', { ...launch, size: { ...launch.size, cpu: 2 } }],
])('%s makes a difference', (_, other) => {
  expect(launchDigest(other)).not.toBe(launchDigest(launch))
})

test('whether it may be interrupted makes none: a site that is paid for from now on is not started again for that', () => {
  expect(launchDigest({ ...launch, plan: 'growth', interruptible: !launch.interruptible })).toBe(launchDigest(launch))
})

test('what the runtime adds makes a difference', () => {
  expect(launchDigest(launch, { user: '1:1' })).not.toBe(launchDigest(launch, { user: '2:2' }))
})

test('it gives no value of the environment away', () => {
  expect(launchDigest(launch)).toMatch(/^[0-9a-f]{64}$/)
})
