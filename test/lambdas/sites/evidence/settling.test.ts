import { expect, it } from 'vitest'
import { isSettling } from '../../../../lambdas/sites/evidence/diagnose.ts'

const listeners = [{ port: 5432, isLocal: true }]
const ofContainers = (...names: readonly string[]) => ({
  seen: { containers: names.map((name) => ({ name, isRunning: true, ends: 0, lines: [] })), listeners },
  answer: undefined,
})

it('gives up on a wrong port, but not while a database beside the product listens', () => {
  expect(isSettling({ cause: 'wrong-port' }, ofContainers('web'))).toBe(true)
  expect(isSettling({ cause: 'wrong-port' }, ofContainers('web', 'database'))).toBe(false)
})
