import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import * as z from 'zod'
import { solveChallenge } from '../../web/sign-up/solve-challenge.ts'
import { isPrivateUrl } from '../command-line/private-url.ts'
import { messageOf } from '../command-line/read-options.ts'
import { type Api, createApi, Refusal } from './api.ts'
import type { CommandContext, Shared, Terminal } from './command-context.ts'
import { requireEnvironment, type Wanted } from './environments.ts'
import { Failure } from './failure.ts'
import { readSiteFile } from './read-file.ts'
import { requireSite, type Site } from './site.ts'

const keptSchema = z.object({
  /** Of the last login. */
  url: z.string(),
  /** By origin: a session is sent to no other one. */
  sessions: z.record(z.string(), z.object({ email: z.string(), token: z.string() })),
})
type Kept = z.infer<typeof keptSchema>

type Environment = Readonly<Record<string, string | undefined>>

const sessionFile = ({ XDG_CONFIG_HOME: configured = '' }: Environment): string =>
  // A relative one is ignored, as its specification says: the session would be in a directory of the developer's work.
  join(isAbsolute(configured) ? configured : join(homedir(), '.config'), 'sitewright', 'session.json')

/** @throws {Failure} if others on the machine can read the session. */
const readKept = async (environment: Environment): Promise<Kept | undefined> => {
  const file = sessionFile(environment)
  const cannotBeRead = new Failure('signIn', `${file} cannot be read. Delete it, and sign in: sitewright login EMAIL`)
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw cannotBeRead
  })
  if (text === undefined) return undefined
  if (process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0) {
    throw new Failure('signIn', `Others can read your session. Run: chmod 600 '${file}'`)
  }
  try {
    return keptSchema.parse(JSON.parse(text))
  } catch {
    throw cannotBeRead
  }
}

/** @throws {Failure} if nothing can be written there. */
const write = async (environment: Environment, kept: Kept): Promise<void> => {
  const file = sessionFile(environment)
  const written = `${file}.${process.pid}`
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(written, `${JSON.stringify(kept)}\n`, { mode: 0o600 })
    await rename(written, file)
  } catch (error) {
    const advice = 'Make its directory writable, or set XDG_CONFIG_HOME to another one.'
    throw new Failure('failed', `The session cannot be kept in ${file}: ${messageOf(error)}. ${advice}`)
  }
}

/** Keeps a session for its owner alone. */
const keepSession = async (
  environment: Environment,
  { url, ...session }: { readonly url: string; readonly email: string; readonly token: string },
): Promise<void> => {
  const kept = await readKept(environment).catch(() => undefined)
  await write(environment, { url, sessions: { ...kept?.sessions, [new URL(url).origin]: session } })
}

/** The token of the session at a server; undefined without one. */
const keptToken = async (environment: Environment, url: string): Promise<string | undefined> =>
  (await readKept(environment))?.sessions[url]?.token

/** Removes the session at a server, and the file with the last one. */
const forgetSession = async (environment: Environment, url: string): Promise<void> => {
  const { [url]: _, ...sessions } = (await readKept(environment))?.sessions ?? {}
  const [other] = Object.keys(sessions)
  if (other === undefined) await rm(sessionFile(environment), { force: true })
  else await write(environment, { url: other, sessions })
}

/** The server of SITEWRIGHT_URL or of the last login. @throws {Failure} without one, or if others could read what is sent. */
const serverUrl = async (environment: Environment): Promise<string> => {
  const url = environment['SITEWRIGHT_URL'] || (await readKept(environment))?.url
  if (url === undefined) {
    throw new Failure(
      'mistake',
      'Which server? Set SITEWRIGHT_URL to the address of the console, such as https://console.example.com',
    )
  }
  // Not by `URL.parse`, which Node 20.12 lacks.
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !isPrivateUrl(parsed)) {
    throw new Failure(
      'mistake',
      `SITEWRIGHT_URL must begin with https://; only this machine may have http://. It is ${url}`,
    )
  }
  return parsed.origin
}

const givenToken = (environment: Environment): string => environment['SITEWRIGHT_TOKEN']?.trim() ?? ''

/** The token of SITEWRIGHT_TOKEN, or of the session at a server. @throws {Failure} without either. */
const identityFor = async (environment: Environment, url: string) => {
  const given = givenToken(environment)
  if (given !== '') return { token: given, signIn: 'It is in SITEWRIGHT_TOKEN: set it again, or unset it and sign in.' }
  const token = await keptToken(environment, url)
  if (token) return { token }
  throw new Failure('signIn', `You are not signed in at ${url}. Run: sitewright login EMAIL`)
}

const signupSchema = z.object({ id: z.string() })
const verifiedSchema = z.object({
  account: z.object({ id: z.string(), email: z.string() }),
  session: z.object({ token: z.string(), expiresAt: z.string() }),
})

const startSignup = async (api: Api, email: string): Promise<{ readonly id: string }> => {
  const start = (more: object) => api({ method: 'POST', path: '/v1/signups', body: { email, ...more } }, signupSchema)
  return start({}).catch(async (error: unknown) => {
    if (!(error instanceof Refusal) || error.problem.challenge === undefined) throw error
    return start({ proof: await solveChallenge(error.problem.challenge) })
  })
}

/** Ends the session at the server. One that has ended already is no failure. */
const signOut = async (api: Api): Promise<void> => {
  await api({ method: 'DELETE', path: '/v1/session' }, z.unknown()).catch((error: unknown) => {
    if (!(error instanceof Refusal) || error.status !== 401) throw error
  })
}

/**
 * Signs in by the code that the server mails.
 * @param ask prints a question; the answers are the lines of `input`.
 * @throws {Failure} if no code was right.
 */
const signIn = async (
  api: Api,
  email: string,
  { input, ask }: { readonly input: NodeJS.ReadableStream; readonly ask: (text: string) => void },
) => {
  const { id } = await startSignup(api, email)
  ask(`A code was mailed to ${email}. Enter it: `)
  const lines = createInterface({ input, terminal: false })
  try {
    for await (const code of lines) {
      if (code.trim() === '') continue
      try {
        return await api({ method: 'POST', path: `/v1/signups/${id}/verification`, body: { code } }, verifiedSchema)
      } catch (error) {
        if (!(error instanceof Refusal) || error.status !== 422) throw error
        ask(`${error.message} Enter the code: `)
      }
    }
  } finally {
    lines.close()
  }
  throw new Failure('signIn', 'No code was entered. Run the command again, and enter the code of the newest mail.')
}

export const signedIn = async ({ environment, say }: Terminal): Promise<Api> => {
  const url = await serverUrl(environment)
  return createApi(url, {
    ...(await identityFor(environment, url)),
    account: environment['SITEWRIGHT_ACCOUNT'],
    note: (line) => say(`${line}\n`),
  })
}

/** The site that is named, or that of the file, or an environment of it. */
export const namedSite = async (
  terminal: Terminal,
  { site, file }: Shared,
  wanted: Wanted,
): Promise<{ api: Api; site: Site }> => {
  const api = await signedIn(terminal)
  const main = await requireSite(api, site ?? (await readSiteFile(file)).file.name)
  return { api, site: await requireEnvironment(api, main, wanted, site) }
}

export const addSessionCommands = (program: Command, { terminal, show, note }: CommandContext): void => {
  const { environment } = terminal
  program
    .command('login <email>')
    .description('sign in by a code that is mailed')
    .action(async (email: string) => {
      const url = await serverUrl(environment)
      const { account, session } = await signIn(createApi(url), email, { input: terminal.input, ask: terminal.say })
      await keepSession(environment, { url, email: account.email, token: session.token })
      if (givenToken(environment) !== '') note('SITEWRIGHT_TOKEN is set, and commands use it in place of this session.')
      show(
        { url, email: account.email, account: account.id, expiresAt: session.expiresAt },
        `You are signed in at ${url} as ${account.email}. Your account is ${account.id}.`,
      )
    })
  program
    .command('logout')
    .description('end the session')
    .action(async () => {
      const url = await serverUrl(environment)
      const token = await keptToken(environment, url)
      if (token === undefined) throw new Failure('signIn', `You are not signed in at ${url}.`)
      // Also if the server does not answer: nobody who uses this machine later has the session.
      await forgetSession(environment, url)
      await signOut(createApi(url, { token })).catch((error: unknown) => {
        const advice = 'End it in the console, on the page “Your account”.'
        throw new Failure(
          'failed',
          `You are signed out here, but ${url} has not ended the session. ${advice} The reason: ${messageOf(error)}`,
        )
      })
      show({ url }, `You are signed out at ${url}.`)
    })
}
