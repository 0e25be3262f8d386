import { afterAll, beforeEach, expect, it, vi } from 'vitest'

const target = new EventTarget()
vi.stubGlobal('addEventListener', target.addEventListener.bind(target))
// Another file of this worker may have loaded it, which listens once.
vi.resetModules()
const { forgetAnswers, rememberingFetch } = await import('../../web/api/remembering-fetch.ts')

const asked: Headers[] = []
let now = 0
vi.stubGlobal('fetch', async ({ headers }: Request) => {
  asked.push(headers)
  return headers.has('if-none-match')
    ? new Response(null, { status: 304 })
    : new Response('{}', { headers: { etag: 'W/"a"' } })
})
vi.spyOn(performance, 'now').mockImplementation(() => now)

beforeEach(forgetAnswers)
afterAll(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const get = async () => {
  now += 1000
  const answer = await rememberingFetch(new Request('https://console.example/v1/operator/overview'))
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
