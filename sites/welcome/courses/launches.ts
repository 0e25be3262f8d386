import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../problem.ts'
import { isObject } from '../signed-header.ts'
import { ifThere, writeDurably } from './files.ts'

/** What a launch token allows: to play one course as one learner, in a frame of one origin. */
export interface Launch {
  readonly course: string
  readonly learner: string
  /** The origin whose page embeds the player. */
  readonly embedder: string
}

/** As long as a visit with the entrance's cookie. */
const launchSeconds = 12 * 60 * 60

interface SignedLaunch extends Launch {
  /** Seconds since 1970. */
  readonly expires: number
}

const isSignedLaunch = (value: unknown): value is SignedLaunch =>
  isObject(value) &&
  ['course', 'learner', 'embedder'].every((name) => typeof value[name] === 'string') &&
  typeof value['expires'] === 'number'

/** The secret in a file, which the first call creates: tokens survive a restart, and a copy of the site. */
const openSecret = async (path: string): Promise<string> => {
  const known = await ifThere(readFile(path, 'utf8'), undefined)
  if (known !== undefined) return known
  const secret = randomBytes(32).toString('hex')
  await writeDurably(path, secret)
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
    return createHmac('sha256', await opening)
      .update(payload)
      .digest('base64url')
  }

  return {
    /** @returns a token for a path, valid for 12 hours. */
    start: async (launch: Launch): Promise<string> => {
      const signed: SignedLaunch = { ...launch, expires: Math.floor(now() / 1000) + launchSeconds }
      const payload = Buffer.from(JSON.stringify(signed)).toString('base64url')
      return `${payload}.${await sign(payload)}`
    },
    /** @throws {Problem} 404 for a token that is forged or has expired. */
    read: async (token: string): Promise<Launch> => {
      const [payload = '', signature = ''] = token.split('.')
      const [shown, expected] = [Buffer.from(signature), Buffer.from(await sign(payload))]
      if (shown.length !== expected.length || !timingSafeEqual(shown, expected)) {
        throw new Problem(404, 'There is nothing at this address.')
      }
      const launch: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
      if (!isSignedLaunch(launch)) throw new Error('a signed launch cannot be understood')
      if (launch.expires * 1000 <= now())
        throw new Problem(404, 'This launch has expired. Reload the page to continue.')
      return launch
    },
  }
}

export type Launches = ReturnType<typeof createLaunches>
