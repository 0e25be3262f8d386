import { isDeepStrictEqual } from 'node:util'
import { poll } from './poll.ts'

/** @throws {Error} that names an unexpected value. */
export const check = (what: string, found: unknown, expected: unknown): void => {
  if (isDeepStrictEqual(found, expected)) return
  throw new Error(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`)
}

/** So many milliseconds a value may stay as it is. On a busy machine a build, which shows no progress, takes more than a minute. */
const usualPatience = 180_000

/**
 * Checks a value until it is the expected one.
 * @returns how long that took, in milliseconds.
 * @throws {Error} that names it, if it differs and does not change for the patience, three minutes by default.
 */
export const awaitValue = async <Value>(
  what: string,
  read: () => Promise<Value>,
  expected: Value,
  pause = 5,
  patience = usualPatience,
): Promise<number> => {
  const startedAt = performance.now()
  check(what, await poll(read, (found) => isDeepStrictEqual(found, expected), { patience, pause }), expected)
  return performance.now() - startedAt
}

/** Records the mails that a trial's owner should have got so far; each mail once. */
export const createMailRecord = (readSubjects: () => Promise<readonly string[]>, patience = usualPatience) => {
  const expected: string[] = []
  const aboutSites = (subject: string): boolean => !/\bcode\b/.test(subject)
  const arrived = async () => (await readSubjects()).filter(aboutSites).toSorted()
  return {
    /** Adds the expected mails, and checks that exactly these arrive: a mail is sent after the call that causes it. */
    expect: async (...subjects: readonly string[]): Promise<void> => {
      expected.push(...subjects)
      await awaitValue('mails', arrived, expected.toSorted(), 50, patience)
    },
    counted: (): readonly string[] =>
      [...Map.groupBy(expected, (subject) => subject)].map(([subject, times]) => `${times.length} × ${subject}`),
  }
}

/** The subjects of the mails about a site of this name and its domain. */
export const mailSubjects = (name: string, hostname = '') => ({
  welcome: (isBuilt: boolean) => (isBuilt ? `Your site ${name} is ready` : `We are building your site ${name}`),
  endsIn: (days: string) => `The trial of ${name} ends in ${days}`,
  off: (because: string) => `Your site ${name} is suspended: ${because}`,
  archived: `Your site ${name} is archived`,
  extended: `The trial of ${name} is extended`,
  back: `Your site ${name} is back`,
  deletedIn: (days: string) => `Your site ${name} will be deleted in ${days}`,
  deleted: `Your site ${name} is deleted`,
  bought: `Your subscription for ${name} has started`,
  verified: `${hostname} is connected to your site`,
  overdue: `A payment for ${name} did not go through`,
  offIn: (days: string) => `Your site ${name} will be suspended in ${days}`,
  paid: `We received the payment for ${name}`,
  cancelled: `The subscription of ${name} is cancelled`,
})
export type MailSubjects = ReturnType<typeof mailSubjects>
