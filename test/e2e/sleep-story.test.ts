import { expect, it, vi } from 'vitest'
import { codeFromMailbox } from '../../bin/demo/find-code.ts'
import { tellSleep } from '../../bin/demo/sleep/story.ts'
import { createTimeline } from '../../bin/demo/timeline.ts'
import { startHost } from '../support/start-host.ts'
import { poolIsFull } from './visitor.ts'

// Sites sleep after a minute, and the sweep runs every minute.
vi.setConfig({ testTimeout: 400_000 })

it('sites that nobody uses fall asleep, and wake for curl, a browser and a WebSocket with their data', async () => {
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '3' }, program: 'bin/sleep-demo-host.ts' })
  await poolIsFull(host)
  const told: string[] = []
  await tellSleep(
    {
      origin: host.url,
      email: 'ada@example.com',
      slug: 'ada',
      findCode: (email) => codeFromMailbox(host.url, email),
      mayMistype: false,
    },
    createTimeline((line) => told.push(line)),
  )
  expect(told.filter((line) => line.includes('its data is there'))).toHaveLength(3)
})
