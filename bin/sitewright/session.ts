import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { isPrivateUrl } from '../command-line/private-url.ts'
import { Failure } from './failure.ts'

const keptSchema = z.object({
  /** Of the last login. */
  url: z.string(),
  /** By origin: a session is sent to no other one. */
  sessions: z.record(z.string(), z.object({ email: z.string(), token: z.string() })),
})
type Kept = z.infer<typeof keptSchema>

type Environment = Readonly<Record<string, string | undefined>>

const sessionFile = ({ XDG_CONFIG_HOME: configured }: Environment): string =>
  join(configured || join(homedir(), '.config'), 'sitewright', 'session.json')

/** @throws {Failure} if others on the machine can read the session. */
const readKept = async (environment: Environment): Promise<Kept | undefined> => {
  const file = sessionFile(environment)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  if (process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0) {
    throw new Failure('signIn', `Others can read your session. Run: chmod 600 ${file}`)
  }
  try {
    return keptSchema.parse(JSON.parse(text))
  } catch {
    throw new Failure('signIn', `${file} cannot be read. Delete it, and sign in: sitewright login EMAIL`)
  }
}

/** Keeps a session for its owner alone. */
export const keepSession = async (
  environment: Environment,
  { url, ...session }: { readonly url: string; readonly email: string; readonly token: string },
): Promise<void> => {
  const file = sessionFile(environment)
  const sessions = { ...(await readKept(environment).catch(() => undefined))?.sessions, [new URL(url).origin]: session }
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const written = `${file}.${process.pid}`
  await writeFile(written, `${JSON.stringify({ url, sessions })}\n`, { mode: 0o600 })
  await rename(written, file)
}

/** The server of SITEWRIGHT_URL or of the last login. @throws {Failure} without one, or if others could read what is sent. */
export const serverUrl = async (environment: Environment): Promise<string> => {
  const url = environment['SITEWRIGHT_URL'] || (await readKept(environment))?.url
  if (url === undefined) {
    throw new Failure('mistake', 'Which server? Set SITEWRIGHT_URL to its address, such as https://sites.example.com')
  }
  const parsed = URL.parse(url)
  if (parsed === null || !isPrivateUrl(parsed)) {
    throw new Failure(
      'mistake',
      `SITEWRIGHT_URL must begin with https://; only this machine may have http://. It is ${url}`,
    )
  }
  return parsed.origin
}

/** The token of SITEWRIGHT_TOKEN, or of the session at a server. @throws {Failure} without either. */
export const tokenFor = async (environment: Environment, url: string): Promise<string> => {
  const token = environment['SITEWRIGHT_TOKEN']?.trim() || (await readKept(environment))?.sessions[url]?.token
  if (token) return token
  throw new Failure('signIn', `You are not signed in at ${url}. Run: sitewright login EMAIL`)
}
