import type { EventPattern } from '../../../core/events/event-pattern.ts'
import { createEventBus } from '../../../local/event-bus.ts'
import type { LoadedFunction } from '../../../local/load-functions.ts'
import { nothing, sampleFunction } from '../../support/sample-function.ts'
import { eventBusContract } from './contract.ts'

eventBusContract('the bus of one machine', async (subscribers, { broken } = { broken: false }) => {
  const received = new Map<string, unknown[]>()
  const functionOf = ([name, pattern]: readonly [string, EventPattern]): LoadedFunction => ({
    name,
    definition: sampleFunction(name, [{ events: pattern, run: nothing }]),
    invoke: async (event) => {
      if (broken) throw new Error('this subscriber keeps failing')
      received.set(name, [...(received.get(name) ?? []), event])
    },
  })
  const functions = Object.entries(subscribers).map(functionOf)
  return {
    bus: createEventBus(() => functions, { secondMilliseconds: 1 }),
    received: async (name) => received.get(name) ?? [],
    close: async () => undefined,
  }
})
