import { expect, it, vi } from 'vitest'
import { codeFromMailbox } from '../../bin/demo/find-code.ts'
import { tellRelease } from '../../bin/demo/release/story.ts'
import { writeVersion } from '../../bin/demo/release/versions.ts'
import { createTimeline } from '../../bin/demo/timeline.ts'
import { startHost } from '../support/start-host.ts'
import { temporaryDirectory } from './temporary-directory.ts'

// Versions that fail their checks have 15 and 30 seconds.
vi.setConfig({ testTimeout: 400_000 })

it('sites under traffic lose nothing by a good version, one that fails its checks, and one that breaks data', async () => {
  await using blueprints = await temporaryDirectory()
  await writeVersion(blueprints.path, 1)
  const env = { SITEWRIGHT_POOL_SIZE: '1', SITEWRIGHT_BLUEPRINTS: blueprints.path }
  await using host = await startHost({ env, program: 'bin/release-demo-host.ts' })
  const told: string[] = []
  await tellRelease(
    {
      origin: host.url,
      email: 'ada@example.com',
      slug: 'ada',
      findCode: (email) => codeFromMailbox(host.url, email),
      mayMistype: false,
    },
    { directory: blueprints.path, sites: 6 },
    createTimeline((line) => told.push(line)),
  )
  expect(told.filter((line) => /[1-9]\d* acknowledged, 0 lost/.test(line))).toHaveLength(3)
  expect(told.filter((line) => line.includes('0 failed'))).toHaveLength(6)
})
