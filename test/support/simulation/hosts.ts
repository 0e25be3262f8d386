import type { Randomness } from '../../../core/ports/context.ts'
import { functions as definitions, minutesOf } from '../../../lambdas/manifest.ts'
import { createRoutes } from '../../../local/gateway/api-gateway.ts'
import { eventOf, type HttpRequest } from '../../lambdas/http-request.ts'
import type { Life } from './life.ts'

export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

export type Asked = Pick<HttpRequest, 'path' | 'body' | 'headers'> & { readonly method: string }

/** The functions that are called by time. */
export const scheduled = definitions.filter((definition) => minutesOf(definition) !== undefined).map(({ name }) => name)

/** What deadlines hang on. */
export const urgent: readonly string[] = ['act-on-deadlines', 'heal-work']

/** One host after the other at one place: who needs a host after one has gone starts the next. */
export const createHosts = (start: () => Promise<Life>, randomness: Pick<Randomness, 'id'>) => {
  let current: Life | undefined
  const life = async (): Promise<Life> => {
    if (current !== undefined && !current.line.isGone()) return current
    await current?.line.settled()
    await current?.close()
    current = await start()
    return current
  }

  const call = async (name: string, event: unknown): Promise<unknown> => {
    const { functions, line } = await life()
    const found = functions.find((candidate) => candidate.name === name)
    const work = found?.invoke(event).catch((error: unknown) => ({ error }))
    return Promise.race([work, line.gone])
  }

  return {
    life,
    present: () => current,
    /** Asks once; there is no answer of a host that is gone. */
    ask: async ({ method, path, ...more }: Asked): Promise<Answer | undefined> => {
      const { functions } = await life()
      const { pathname, searchParams } = new URL(path, 'http://localhost')
      const routing = createRoutes(functions)(method, pathname)
      if (!('match' in routing)) throw new Error(`there is no ${method} ${path}`)
      const query = Object.fromEntries(searchParams)
      const event = eventOf({ method, path: pathname, query, requestId: randomness.id('req'), ...more })
      const answer = (await call(routing.match.function.name, event)) as
        | { statusCode?: number; body?: string }
        | undefined
      if (answer?.statusCode === undefined) return undefined
      return { status: answer.statusCode, body: JSON.parse(answer.body ?? '{}') }
    },
    /** Calls a function as its schedule does. */
    tick: (name: string) => call(name, { id: randomness.id('evt'), 'detail-type': 'Scheduled Event', detail: {} }),
    /** Waits until nothing is running any more. */
    quiet: async (): Promise<void> => {
      for (;;) {
        const present = await life()
        await present.quiet()
        if (!present.line.isGone()) return
      }
    },
    close: async () => current?.close(),
  }
}
