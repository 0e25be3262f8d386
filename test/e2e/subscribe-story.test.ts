import { expect, it, vi } from 'vitest'
import { codeFromMailbox } from '../../bin/demo/find-code.ts'
import { tellSubscription } from '../../bin/demo/subscribe/story.ts'
import { createTimeline } from '../../bin/demo/timeline.ts'
import { startHost } from '../support/start-host.ts'
import { poolIsFull } from './visitor.ts'

// Three months, beside the other tests.
vi.setConfig({ testTimeout: 300_000 })

it('a trial is bought, upgraded under load, renewed, past due, paid, cancelled, suspended and bought again', async () => {
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1' } })
  await poolIsFull(host)
  const told: string[] = []
  const mails = await tellSubscription(
    {
      origin: host.url,
      email: 'ada@example.com',
      slug: 'ada',
      findCode: (email) => codeFromMailbox(host.url, email),
      mayMistype: false,
    },
    createTimeline((line) => told.push(line)),
  )
  expect(mails.toSorted()).toEqual(
    [
      '1 × Your site Demo is ready',
      '2 × Your subscription for Demo has started',
      '1 × www.ada.example.com is connected to your site',
      '1 × A payment for Demo did not go through',
      '1 × Your site Demo will be suspended in 3 days',
      '1 × We received the payment for Demo',
      '1 × The subscription of Demo is cancelled',
      '1 × Your site Demo is suspended',
    ].toSorted(),
  )
  expect(told.filter((line) => /^ *✓.* day +\d+,/.test(line))).toHaveLength(15)
  expect(told.some((line) => /, 0 failed, \d+ writes, 0 lost/.test(line))).toBe(true)
})
