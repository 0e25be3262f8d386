import { describe, expect, it } from 'vitest'
import { followTaskEvent, type TaskNews } from '../../../lambdas/sites/run/follow-task.ts'

const siteId = 'site_01jq3v5k8m0000000000000000'

const never = (name: string) => async (): Promise<never> => {
  throw new Error(`${name} was called`)
}

const stageOf = (readTaskNews: (detail: unknown) => Promise<TaskNews | undefined>, get: () => Promise<undefined>) => {
  const asked: unknown[] = []
  const ports: Parameters<typeof followTaskEvent>[0] = {
    readTaskNews: (detail) => {
      asked.push(detail)
      return readTaskNews(detail)
    },
    sites: { get, commit: never('commit') } as never,
    blueprints: {} as never,
    runtime: { locate: never('locate') },
    probe: { isHealthy: never('isHealthy') },
    clocks: {} as never,
    randomness: {} as never,
    pause: never('pause'),
    pollMilliseconds: 1000,
    monotonic: () => 0,
  }
  return { asked, deliver: ({ id, detail }: { id: string; detail: unknown }) => followTaskEvent(ports, detail, id) }
}

describe('the function that follows tasks', () => {
  it('follows the task event of a site', async () => {
    const checked: string[] = []
    const { asked, deliver } = stageOf(
      async () => ({ siteId, cell: 'local', isEnding: false }),
      async () => {
        checked.push('site')
        return undefined
      },
    )
    await deliver({ id: 'e1', detail: { group: `service:${siteId}` } })
    expect(asked).toEqual([{ group: `service:${siteId}` }])
    expect(checked).toEqual(['site'])
  })

  it('ignores tasks of other services', async () => {
    const { deliver } = stageOf(async () => undefined, never('get'))
    await expect(deliver({ id: 'e1', detail: {} })).resolves.toBeUndefined()
  })

  it('fails if it cannot follow a task, so that the event is retried', async () => {
    const { deliver } = stageOf(async () => ({ siteId, cell: 'local', isEnding: false }), never('get'))
    await expect(deliver({ id: 'e1', detail: {} })).rejects.toThrow('get was called')
  })
})
