import { setImmediate } from 'node:timers/promises'
import type { EventPattern } from '../../../core/events/event-pattern.ts'
import { createEventBus } from '../../../local/event-bus.ts'
import type { LoadedFunction } from '../../../local/loaded-function.ts'
import { nothing, sampleFunction } from '../../support/sample-function.ts'
import { eventBusContract } from './contract.ts'

eventBusContract('the bus of one machine', async (subscribers, { broken } = { broken: false }) => {
  const received = new Map<string, unknown[]>()
  const functionOf = ([name, pattern]: readonly [string, EventPattern]): LoadedFunction => ({
    name,
    definition: sampleFunction(name, [{ events: pattern, run: nothing }]),
    invoke: async (event) => {
      received.set(name, [...(received.get(name) ?? []), event])
    },
  })
  const functions = Object.entries(subscribers).map(functionOf)
  const find = (): readonly LoadedFunction[] => {
    if (broken) throw new Error('the functions are not loaded')
    return functions
  }
  const bus = createEventBus(find, { secondMilliseconds: 1 })
  return {
    bus,
    received: async (name) => {
      await setImmediate()
      return received.get(name) ?? []
    },
    close: bus.close,
  }
})
