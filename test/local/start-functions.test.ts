import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { EveryPort } from '../../lambdas/_runtime/ports.ts'
import { functions as definitions } from '../../lambdas/manifest.ts'
import { loadFunctions } from '../../local/start-functions.ts'

const tick = (id: string) => ({ id, 'detail-type': 'Scheduled Event' })
const failures: object[] = []
const log = { info: () => undefined, warn: () => undefined, error: (fields: object) => void failures.push(fields) }

beforeEach(() => {
  failures.length = 0
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
  expect(functions.map(({ definition }) => definition)).toEqual(definitions)
})

/** The pool's function over a store that answers when it is told to, and how often it was asked. */
const stalledFillPool = async () => {
  const answers: (() => void)[] = []
  const blueprints = {
    latest: () => new Promise<undefined>((resolve) => answers.push(() => resolve(undefined))),
    status: async () => undefined,
    names: async () => [],
  }
  const sites = { listByStatus: async function* () {} }
  const pool = { target: 1 }
  const ports = { log, blueprints, sites, pool, offeredBlueprints: ['welcome'] }
  const functions = await loadFunctions(ports as unknown as EveryPort)
  const invoke = functions.find(({ name }) => name === 'fill-pool')?.invoke
  if (invoke === undefined) throw new Error('there is no fill-pool')
  return { invoke, answers }
}

it('a call ends with the time that the manifest allows it, and the log says so', async () => {
  const { invoke } = await stalledFillPool()
  const message = 'function fill-pool took longer than 60 s'
  const ended = expect(invoke(tick('evt_1'))).rejects.toThrow(message)
  await vi.advanceTimersByTimeAsync(60_000)
  await ended
  expect(failures).toEqual([{ function: 'fill-pool', err: expect.objectContaining({ message }) }])
})

it('what runs one at a time is not run beside a call whose time was up and whose work continues', async () => {
  const { invoke, answers } = await stalledFillPool()
  const late = expect(invoke(tick('evt_1'))).rejects.toThrow('took longer')
  await vi.advanceTimersByTimeAsync(60_000)
  await late
  const second = invoke(tick('evt_2'))
  await vi.advanceTimersByTimeAsync(1000)
  expect(answers).toHaveLength(1)
  answers[0]?.()
  await vi.waitFor(() => expect(answers).toHaveLength(2))
  answers[1]?.()
  await second
})
