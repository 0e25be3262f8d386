import { expect, it } from 'vitest'
import type { EveryPort } from '../../lambdas/_runtime/ports.ts'
import { portsFor } from '../../local/loaded-function.ts'

const every = { log: 1, clocks: 2, sites: 3, mailer: 4, outbox: 5, removeExpired: 6, close: 7 } as unknown as EveryPort

it('gives a function the common ports and those of its capabilities, and no other', () => {
  expect(Object.keys(portsFor(['sites:read'], every))).toEqual(['log', 'clocks', 'sites'])
})
