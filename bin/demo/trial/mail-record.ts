import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { check } from './check.ts'

const patienceMilliseconds = 10_000

/** What a trial's owner should have been told until now; each mail once. */
export const createMailRecord = (readSubjects: () => Promise<readonly string[]>) => {
  const expected: string[] = []
  const aboutSites = (subject: string): boolean => !/\bcode\b/.test(subject)
  const read = async () => (await readSubjects()).filter(aboutSites).toSorted()
  return {
    /** Notes what should come now, and looks whether exactly that comes: a mail is sent after the call that it is about. */
    expect: async (...subjects: readonly string[]): Promise<void> => {
      expected.push(...subjects)
      const givenUpAt = performance.now() + patienceMilliseconds
      let found = await read()
      while (!isDeepStrictEqual(found, expected.toSorted()) && performance.now() < givenUpAt) {
        await sleep(50)
        found = await read()
      }
      check('mails', found, expected.toSorted())
    },
    /** How often each came. */
    counted: (): readonly string[] =>
      [...Map.groupBy(expected, (subject) => subject)].map(([subject, times]) => `${times.length} × ${subject}`),
  }
}
