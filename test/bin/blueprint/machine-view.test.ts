import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Engine } from '../../../adapters/containers/engine.ts'
import { label } from '../../../adapters/containers/site-network.ts'
import { viewContainers } from '../../../bin/blueprint/try/machine-view.ts'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'

const stopSeconds = 10

const blueprint = parseBlueprint(
  {
    name: 'shop',
    version: 1,
    title: 'Shop',
    containers: [{ name: 'web', image: 'registry.example.com/shop:4' }],
    traffic: { container: 'web' },
    data: { mode: 'exclusive' },
  },
  'test',
)

describe('whether a container had to be killed', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
  afterEach(() => void vi.useRealTimers())

  it.each([
    ['its exit code says so', { StatusCode: 137 }, stopSeconds, true],
    ['it ended in the last moment', { StatusCode: 0, Error: null }, stopSeconds, false],
    // What Podman 4.3 answers where the container was removed before it looked.
    [
      'nobody knows, and it took that long',
      { StatusCode: 0, Error: { Message: 'no such container' } },
      stopSeconds,
      true,
    ],
    ['nobody knows, and it was fast', { StatusCode: 0, Error: { Message: 'no such container' } }, 1, false],
  ])('%s', async (_, answer, seconds, isKilled) => {
    const listed = [
      { Id: 'x', Names: [], Labels: { [label.site]: 'site_01jq3v5k8m0000000000000000' }, State: 'running' },
    ]
    const calls = { listContainers: async () => listed, getContainer: () => ({ wait: async () => answer }) }
    const engine = { address: 'a test', calls, streams: calls } as unknown as Engine
    const wasKilled = await viewContainers(engine, { homeId: 'home', blueprint, isHere: true }).watchStop()
    vi.advanceTimersByTime(seconds * 1000)
    expect(await wasKilled()).toBe(isKilled)
  })
})
