import { expect, it } from 'vitest'
import type { CommonPorts } from '../../../lambdas/_runtime/common-ports.ts'
import { type AnyFunction, defineFunction } from '../../../lambdas/_runtime/define-function.ts'
import { runTriggers } from '../../../lambdas/_runtime/run-triggers.ts'
import { lambdaContext } from '../../../local/loaded-function.ts'

const start = '2026-01-31T09:30:00Z'
const after = (seconds: number): string => new Date(Date.parse(start) + seconds * 1000).toISOString()

/** Sweeps that fail while `fails`, and how often they ran. */
const givenSweep = async (everyMinutes: number, more = 0) => {
  const state = { now: after(0), runs: 0, fails: false }
  const sweep = {
    everyMinutes,
    run: async () => async () => {
      state.runs += 1
      if (state.fails) throw new Error('throttled')
    },
  }
  const definition = defineFunction({
    name: 'sweep',
    triggers: [sweep, ...Array.from({ length: more }, () => sweep)],
    uses: [],
    timeout: 10,
    alarm: { feels: 'Nothing.', tolerated: 0 },
  }) satisfies AnyFunction
  const ports = { clocks: { wall: () => state.now }, log: { error: () => undefined } } as unknown as CommonPorts
  const handler = await runTriggers(definition, ports)
  const tick = (extra: object = { time: start }) =>
    handler({ id: 'e1', 'detail-type': 'Scheduled Event', detail: {}, ...extra }, lambdaContext('sweep', 10))
  return { state, tick }
}

it('leaves a retried call of the clock to the next one, so that it does not end in the queue of failed events', async () => {
  const { state, tick } = await givenSweep(1)
  state.fails = true
  await expect(tick()).rejects.toThrow('throttled')
  state.now = after(180)
  await tick()
  expect(state.runs).toBe(1)
})

it('fails where several sweeps do, of which each runs', async () => {
  const { state, tick } = await givenSweep(1, 1)
  state.fails = true
  await expect(tick()).rejects.toThrow('several triggers failed')
  expect(state.runs).toBe(2)
})

it('runs a call that comes late, and its first retry', async () => {
  const { state, tick } = await givenSweep(1)
  state.now = after(179)
  await tick()
  expect(state.runs).toBe(1)
})

it('retries a call of a slower clock, which does not call again soon', async () => {
  const { state, tick } = await givenSweep(60)
  state.now = after(240)
  await tick()
  expect(state.runs).toBe(1)
})

it('runs each call of the clock that says no time', async () => {
  const { state, tick } = await givenSweep(1)
  state.now = after(3600)
  await tick({})
  expect(state.runs).toBe(1)
})
