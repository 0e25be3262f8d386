import { expect, it, vi } from 'vitest'
import { codeFromMailbox } from '../../bin/demo/find-code.ts'
import { createTimeline } from '../../bin/demo/timeline.ts'
import { tellTrial } from '../../bin/demo/trial/story.ts'
import { startHost } from '../support/start-host.ts'
import { poolIsFull } from './visitor.ts'

// 200 days, beside the other tests.
vi.setConfig({ testTimeout: 300_000 })

it('a trial lives its 200 days: reminded, suspended, resumed, archived, restored, warned and purged', async () => {
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1' } })
  await poolIsFull(host)
  const told: string[] = []
  const mails = await tellTrial(
    {
      origin: host.url,
      home: host.home,
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
      '1 × The trial of Demo ends in 7 days',
      '3 × The trial of Demo ends in 3 days',
      '3 × The trial of Demo ends in 1 day',
      '3 × Your site Demo is suspended',
      '2 × Your site Demo is archived',
      '1 × The trial of Demo is extended',
      '1 × Your site Demo is back',
      '1 × Your site Demo will be deleted in 14 days',
      '1 × Your site Demo will be deleted in 3 days',
      '1 × Your site Demo is deleted',
    ].toSorted(),
  )
  const days = told.flatMap((line) => /day +(\d+),/.exec(line)?.[1] ?? []).map(Number)
  expect(days).toEqual([7, 11, 13, 14, 17, 21, 23, 24, 45, 45, 60, 60, 64, 66, 67, 88, 164, 175, 178, 200])
})
