import { expect, it } from 'vitest'
import { coalesceCalls } from '../../local/loaded-function.ts'

/** A function whose calls end when told to, and which notes how many ran at once. */
const controlled = () => {
  const open: { event: unknown; end: (result: unknown) => void; fail: (error: Error) => void }[] = []
  const begun: unknown[] = []
  let maxAtOnce = 0
  const call = coalesceCalls((event) => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    begun.push(event)
    open.push({ event, end: resolve, fail: reject })
    maxAtOnce = Math.max(maxAtOnce, open.length)
    return promise.finally(() => open.splice(0, 1))
  })
  return { call, open, begun, maxAtOnce: () => maxAtOnce }
}

it('any number of calls while one runs are one more call, made after it', async () => {
  const { call, open, begun, maxAtOnce } = controlled()
  const first = call('first')
  const meanwhile = [call('a'), call('b'), call('c')]
  expect(begun).toEqual(['first'])
  open[0]?.end('one')
  expect(await first).toBe('one')
  await expect.poll(() => begun).toEqual(['first', 'a'])
  open[0]?.end('two')
  expect(await Promise.all(meanwhile)).toEqual(['two', 'two', 'two'])
  expect(begun).toHaveLength(2)
  expect(maxAtOnce()).toBe(1)
})

it('a call in the moment between two shares the second, and does not run beside it', async () => {
  const { call, open, begun, maxAtOnce } = controlled()
  const first = call('first')
  const second = call('second')
  const between = first.then(() => call('between'))
  open[0]?.end('one')
  await expect.poll(() => begun.length).toBeGreaterThan(1)
  while (open.length > 0) {
    open[0]?.end('two')
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await Promise.all([second, between])).toEqual(['two', 'two'])
  expect(begun).toEqual(['first', 'second'])
  expect(maxAtOnce()).toBe(1)
})

it('a call that fails fails for its callers, and the next one is made all the same', async () => {
  const { call, open, begun } = controlled()
  const first = call('first')
  const second = call('second')
  open[0]?.fail(new Error('broken'))
  await expect(first).rejects.toThrow('broken')
  await expect.poll(() => begun).toEqual(['first', 'second'])
  open[0]?.end('two')
  expect(await second).toBe('two')
  const third = call('third')
  open[0]?.end('three')
  expect(await third).toBe('three')
})
