import { afterAll, beforeEach, expect, it, vi } from 'vitest'

const target = new EventTarget()
vi.stubGlobal('addEventListener', target.addEventListener.bind(target))
// Another file of this worker may have loaded it, which listens once.
vi.resetModules()
const { forgetAnswers, rememberingFetch } = await import('../../web/api/remembering-fetch.ts')

const asked: Headers[] = []
let now = 0
/** It comes after the headers and, as in browsers, not at all once its request was aborted. */
const bodyOf = ({ signal }: Request) =>
  new ReadableStream({
    pull: async (controller) => {
      await new Promise(setImmediate)
      signal.throwIfAborted()
      controller.enqueue(new TextEncoder().encode('{}'))
      controller.close()
    },
  })
vi.stubGlobal('fetch', async (request: Request) => {
  asked.push(request.headers)
  return request.headers.has('if-none-match')
    ? new Response(null, { status: 304 })
    : new Response(bodyOf(request), { headers: { etag: 'W/"a"' } })
})
vi.spyOn(performance, 'now').mockImplementation(() => now)

beforeEach(forgetAnswers)
afterAll(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const url = 'https://console.example/v1/operator/overview'
const get = async () => {
  now += 1000
  const answer = await rememberingFetch(new Request(url))
  expect(await answer.text()).toBe('{}')
  return asked.at(-1)?.get('sitewright-poll')
}

it('marks a repeated read as a poll unless somebody has used the page since', async () => {
  expect(await get()).toBeNull()
  expect([await get(), await get()]).toEqual(['1', '1'])
  now += 1
  target.dispatchEvent(new Event('keydown'))
  expect([await get(), await get()]).toEqual([null, '1'])
})

it('knows an answer whose reader has left', async () => {
  const leaving = new AbortController()
  await rememberingFetch(new Request(url, { signal: leaving.signal }))
  leaving.abort()
  await get()
  expect(asked.at(-1)?.get('if-none-match')).toBe('W/"a"')
})
