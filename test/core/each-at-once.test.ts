import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { eachAtOnce } from '../../core/each-at-once.ts'

it('throws an error of the work only when what it has begun has ended', async () => {
  const slow = Promise.withResolvers<void>()
  const failing = Promise.reject(new Error('it fails'))
  let hasEnded = false
  const all = eachAtOnce([failing, slow.promise], 2, (work) => work).finally(() => {
    hasEnded = true
  })
  await setImmediate()
  expect(hasEnded).toBe(false)
  slow.resolve()
  await expect(all).rejects.toThrow('it fails')
})
