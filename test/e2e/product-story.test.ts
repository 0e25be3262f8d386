import { expect, it, vi } from 'vitest'
import { codeFromMailbox } from '../acceptance/find-code.ts'
import { prepareProduct, tellProduct } from '../acceptance/product/story.ts'
import { createTimeline } from '../acceptance/timeline.ts'
import { canTestWith } from '../support/can-test.ts'
import { startHost } from '../support/start-host.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { poolIsFull } from './visitor.ts'

// The product is installed from PyPI.
vi.setConfig({ testTimeout: 600_000 })

it.runIf(canTestWith(['python3'], 'the story of a product'))(
  'a product that is not ours is tried and published, and has one administrator, who finds what they wrote',
  async () => {
    await using directory = await temporaryDirectory()
    const told: string[] = []
    const timeline = createTimeline((line) => told.push(line))
    const env = { SITEWRIGHT_POOL_SIZE: '1', ...(await prepareProduct(directory.path, timeline)) }
    await using host = await startHost({ env, program: 'test/acceptance/product/host.ts' })
    await poolIsFull(host)
    const findCode = (email: string) => codeFromMailbox(host.url, email)
    await tellProduct(
      { origin: host.url, email: 'ada@example.com', slug: 'ada', findCode, mayMistype: false },
      timeline,
    )
    expect(told.join('\n')).toMatch(/✓ try its blueprint[\s\S]*✓ strangers are turned away[\s\S]*✓ the bill is there/)
  },
)
