import { setTimeout as sleep } from 'node:timers/promises'
import { httpCall } from '../../bin/demo/http-call.ts'

const patienceMilliseconds = 120_000

const answersWell = (url: string): Promise<boolean> =>
  httpCall({ url }).then(
    ({ status }) => status === 200,
    () => false,
  )

/** Asks again and again until the answer is 200. @throws {Error} after two minutes. */
const firstAnswer = async (url: string, pollMilliseconds: number): Promise<void> => {
  const startedAt = performance.now()
  while (!(await answersWell(url))) {
    if (performance.now() - startedAt > patienceMilliseconds) throw new Error(`${url} does not answer with 200`)
    // By chance earlier or later: who asks in step with what starts always finds out early, or always late.
    await sleep(pollMilliseconds * (0.5 + Math.random()))
  }
}

/** Something that can be begun, and then answers. */
export interface Start {
  readonly begin: () => Promise<void>
  readonly url: string
}

/** @returns the milliseconds from the beginning to the first 200. */
export const timeToFirstAnswer = async ({ begin, url }: Start, pollMilliseconds: number): Promise<number> => {
  const startedAt = performance.now()
  await begin()
  await firstAnswer(url, pollMilliseconds)
  return performance.now() - startedAt
}
