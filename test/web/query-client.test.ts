import { MutationObserver, type QueryClient, QueryObserver } from '@tanstack/react-query'
import { describe, expect, it } from 'vitest'

/** Tests are compiled without the types of browsers, which these files need. */
const load = (name: string) => import(`../../web/api/${name}.ts`)
const { ApiError } = await load('client')
const { createQueryClient, showAnswer } = await load('query-client')

const queryKey = ['site']

/** A page that shows what answers first, and then something else. */
const openPage = (second: () => string) => {
  const queries: QueryClient = createQueryClient()
  const answers = [() => 'shown', second]
  const queryFn = () => (answers.shift() ?? second)()
  const observer = new QueryObserver(queries, { queryKey, queryFn, retryDelay: 1 })
  const leave = observer.subscribe(() => undefined)
  return { queries, observer, [Symbol.dispose]: leave }
}
const refusal = (status: number) => () => {
  throw new ApiError(status, {})
}

describe('what is read again', () => {
  it.each([403, 404, 410])('shows the refusal %d instead of what was there before', async (status) => {
    using page = openPage(refusal(status))
    await expect.poll(() => page.observer.getCurrentResult().data).toBe('shown')
    await page.observer.refetch()
    expect(page.observer.getCurrentResult()).toMatchObject({ data: undefined, isError: true, error: { status } })
  })

  it.each([0, 429, 503])('stays if the answer is %d', async (status) => {
    using page = openPage(refusal(status))
    await expect.poll(() => page.observer.getCurrentResult().data).toBe('shown')
    await page.observer.refetch()
    expect(page.observer.getCurrentResult()).toMatchObject({ data: 'shown', isError: true })
  })
})

it('an act on what is gone reads everything again, and another failure nothing', async () => {
  using page = openPage(() => 'changed')
  await expect.poll(() => page.observer.getCurrentResult().data).toBe('shown')
  const act = (status: number) =>
    new MutationObserver(page.queries, { mutationFn: async () => refusal(status)() }).mutate().catch(() => undefined)
  await act(503)
  expect(page.observer.getCurrentResult()).toMatchObject({ data: 'shown', isFetching: false })
  await act(404)
  await expect.poll(() => page.observer.getCurrentResult().data).toBe('changed')
})

it('a read that began before an act does not overwrite what the act answered', async () => {
  const queries: QueryClient = createQueryClient()
  const { promise, resolve } = Promise.withResolvers<string>()
  const answers = [Promise.resolve('before'), promise]
  const observer = new QueryObserver(queries, { queryKey, queryFn: () => answers.shift() ?? promise })
  const leave = observer.subscribe(() => undefined)
  await expect.poll(() => observer.getCurrentResult().data).toBe('before')
  const read = observer.refetch()
  await showAnswer(queries, queryKey, 'after')
  resolve('before')
  await read
  expect(observer.getCurrentResult().data).toBe('after')
  leave()
})
