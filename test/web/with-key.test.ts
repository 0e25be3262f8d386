import { afterEach, beforeEach, expect, test, vi } from 'vitest'

/** Tests are compiled without the types of browsers, which this file needs. */
const load = (name: string) => import(`../../web/api/${name}.ts`)
const { ApiError, isUnanswered, readEveryPage, withKey } = await load('client')

const stored = new Map<string, string>()
beforeEach(() => {
  stored.clear()
  vi.stubGlobal('sessionStorage', {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, value: string) => stored.set(name, value),
    removeItem: (name: string) => stored.delete(name),
  })
})
afterEach(() => vi.unstubAllGlobals())

const keys: string[] = []
const ask = (name: string, status?: number) =>
  withKey(name, async (header: { 'idempotency-key': string }) => {
    keys.push(header['idempotency-key'])
    if (status !== undefined) throw new ApiError(status, {})
  }).catch(() => undefined)

test('a request keeps its key until there is an answer, and another one has its own', async () => {
  for (const status of [0, 503]) {
    await ask('one', status)
    expect([isUnanswered('one'), isUnanswered('two')]).toEqual([true, false])
  }
  await ask('two', 0)
  await ask('one')
  expect([isUnanswered('one'), isUnanswered('two')]).toEqual([false, true])
  await ask('one', 409)
  expect(isUnanswered('one')).toBe(false)
  await ask('one')
  const [first, again, other, answered, refused, last] = keys
  expect([again, answered]).toEqual([first, first])
  expect(new Set([first, other, refused, last]).size).toBe(4)
})

test('a list is read to its end', async () => {
  const pages = [{ cursor: 'second' }, { cursor: 'third' }, {}]
  const asked: object[] = []
  const read = async (more: object) => pages[asked.push(more) - 1]
  expect(await readEveryPage(read)).toEqual(pages)
  expect(asked).toEqual([{}, { cursor: 'second' }, { cursor: 'third' }])
})
