import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { Problem } from '../problem.ts'
import { ifThere, writeDurably } from './files.ts'

const signedLaunch = v.object({
  course: v.string(),
  learner: v.string(),
  /** The origin whose page embeds the player. */
  embedder: v.string(),
  /** Seconds since 1970. */
  expires: v.number(),
})

/** What a launch token allows: to play one course as one learner, in a frame of one origin. */
export type Launch = Readonly<Omit<v.InferOutput<typeof signedLaunch>, 'expires'>>

/** As long as a visit with the entrance's cookie. */
const launchSeconds = 12 * 60 * 60

/** The secret in a file, which the first call creates: tokens survive a restart, and a copy of the site. */
const openSecret = async (path: string): Promise<string> => {
  const known = await ifThere(readFile(path, 'utf8'), '')
  const secret = known === '' ? randomBytes(32).toString('hex') : known
  if (known === '') await writeDurably(path, secret)
  return secret
}

/** Makes and reads launch tokens, signed with a secret in the data directory. @param now epoch milliseconds. */
export const createLaunches = (dataDirectory: string, now: () => number = Date.now) => {
  let opening: Promise<string> | undefined
  const sign = async (payload: string): Promise<string> => {
    opening ??= openSecret(join(dataDirectory, 'launch-secret'))
    // A disk that was full may have room at the next attempt.
    opening.catch(() => {
      opening = undefined
    })
    const hmac = createHmac('sha256', await opening)
    return hmac.update(payload).digest('base64url')
  }

  return {
    /** @returns a token for a path, valid for 12 hours. */
    start: async (launch: Launch): Promise<string> => {
      const expires = Math.floor(now() / 1000) + launchSeconds
      const payload = Buffer.from(JSON.stringify({ ...launch, expires })).toString('base64url')
      return `${payload}.${await sign(payload)}`
    },
    /** @throws {Problem} 404 for a token that is forged or has expired. */
    read: async (token: string): Promise<Launch> => {
      const [payload = '', signature = ''] = token.split('.')
      const [shown, expected] = [Buffer.from(signature), Buffer.from(await sign(payload))]
      if (shown.length !== expected.length || !timingSafeEqual(shown, expected)) {
        throw new Problem(404, 'There is nothing at this address.')
      }
      const { expires, ...launch } = v.parse(signedLaunch, JSON.parse(Buffer.from(payload, 'base64url').toString()))
      if (expires * 1000 <= now()) throw new Problem(404, 'This launch has expired. Reload the page to continue.')
      return launch
    },
  }
}
