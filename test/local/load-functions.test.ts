import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { functionEntries } from '../../lambdas/manifest.ts'
import type { EveryPort } from '../../local/every-port.ts'
import { loadFunctions } from '../../local/load-functions.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

it('every function of the manifest is made, and nothing is done by making it', async () => {
  const untouchable = new Proxy(
    {},
    {
      get: (_target, name) => {
        throw new Error(`${String(name)} was used`)
      },
    },
  )
  const ports = new Proxy({ log }, { get: (target, name) => (name === 'log' ? target.log : untouchable) })
  const functions = await loadFunctions(ports as unknown as EveryPort)
  expect(functions.map(({ name, entry }) => [name, entry])).toEqual(functionEntries)
})

it('a call ends with the time that the manifest allows it', async () => {
  const silent = { countReady: () => new Promise(() => undefined), listByStatus: async function* () {} }
  const functions = await loadFunctions({ log, sites: silent, offeredBlueprints: ['welcome'] } as unknown as EveryPort)
  const fillPool = functions.find(({ name }) => name === 'fill-pool')
  const call = fillPool?.invoke({ id: 'evt_1' })
  const ended = expect(call).rejects.toThrow('function fill-pool took longer than 60 s')
  await vi.advanceTimersByTimeAsync(60_000)
  await ended
})
