import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import * as z from 'zod'
import { endWithCommand } from '../../../bin/command-line/run-to-end.ts'
import { packCommandLine } from '../../../tools/pack-command-line.ts'
import { enginePrograms } from '../../support/engine-programs.ts'
import { httpCall } from '../../support/http-call.ts'
import { asker } from '../api.ts'
import { codeFromMailbox } from '../find-code.ts'

export const isContainers = process.env['SITEWRIGHT_RUNTIME'] === 'containers'
export const ask = asker(httpCall)

/** Starts a program that ends with the story. */
export const start = (words: readonly string[], cwd: string, env: NodeJS.ProcessEnv) => {
  const [program = '', ...others] = words
  const child = spawn(program, others, { cwd, env })
  let output = ''
  const keep = (text: string): void => {
    output += text
  }
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', keep)
  const closed = once(child, 'close')
  const forget = endWithCommand(() => child.kill() && closed)
  const end = closed.then(() => {
    forget()
    return child.exitCode
  })
  return { child, output: () => output, end }
}

/** @returns what it prints. @throws {Error} with that, if it ends with another code. */
export const run = async (words: readonly string[], cwd: string, env: NodeJS.ProcessEnv, code = 0): Promise<string> => {
  const { child, output, end } = start(words, cwd, env)
  child.stdin.end()
  if ((await end) === code) return output()
  throw new Error(`${words.join(' ')} ended with ${child.exitCode}: ${output()}`)
}

/** Packs the command and installs it as on a developer's machine, which reaches a host. @returns its environment, and the package. */
export const installCommand = async (directory: string, host: { readonly url: string; readonly home: string }) => {
  const tarball = await packCommandLine(directory)
  const prefix = join(directory, 'prefix')
  await run(['npm', 'install', '--global', '--prefix', prefix, tarball], directory, process.env)
  const programs = join(prefix, 'bin')
  if (isContainers) await enginePrograms(programs)
  const PATH = [programs, dirname(process.execPath), process.env['PATH']].join(delimiter)
  return { directory, tarball, environment: { PATH, SITEWRIGHT_URL: host.url, SITEWRIGHT_HOME: host.home } }
}
export type Installed = Awaited<ReturnType<typeof installCommand>>

const sessionsSchema = z.object({ sessions: z.record(z.string(), z.object({ token: z.string() })) })

/** Somebody who has signed in with the command. */
export const personWith = async ({ directory, environment }: Installed, email: string) => {
  const HOME = join(directory, email)
  await mkdir(HOME)
  const own = { ...environment, HOME }
  const url = environment.SITEWRIGHT_URL
  const { child, output, end } = start(['sitewright', 'login', email], HOME, own)
  child.stdin.end(`${await codeFromMailbox(url, email)}\n`)
  await end
  const accountId = /acct_\w+/.exec(output())?.[0]
  if (accountId === undefined) throw new Error(`The sign-in failed: ${output()}`)
  const kept = await readFile(join(HOME, '.config/sitewright/session.json'), 'utf8')
  const headers = { authorization: `Bearer ${sessionsSchema.parse(JSON.parse(kept)).sessions[url]?.token}` }
  return {
    ...{ email, accountId, environment: own },
    /** What only the console does. */
    call: async <Read>(path: string, schema: z.ZodType<Read>, body?: object): Promise<Read> => {
      const request = body === undefined ? {} : ({ method: 'POST', body } as const)
      return (await ask({ ...request, url: `${url}${path}`, headers }, [200, 201], schema)).body
    },
  }
}
export type Person = Awaited<ReturnType<typeof personWith>>

/** An operator lets an account run software of its own. */
export const allow = async (origin: string, accountId: string, sites: number): Promise<void> => {
  const operator = { email: 'sales@example.com', role: 'sales' }
  const issued = { method: 'POST', url: `${origin}/_local/operators`, body: operator } as const
  const { token } = (await ask(issued, [201], z.looseObject({ token: z.string() }))).body
  const headers = { authorization: `Bearer ${token}` }
  const body = { plan: 'enterprise', sites, reason: 'Contract 4711' }
  const url = `${origin}/v1/operator/accounts/${accountId}/allowance`
  await ask({ method: 'PUT', url, headers, body }, [200], z.unknown())
}

const invitationsSchema = z.looseObject({ invitations: z.array(z.looseObject({ id: z.string() })) })

/** An owner invites somebody as a viewer, who accepts. */
export const invite = async (owner: Person, viewer: Person): Promise<void> => {
  await owner.call('/v1/team/invitations', z.unknown(), { email: viewer.email, role: 'viewer' })
  const [invitation] = (await viewer.call('/v1/invitations', invitationsSchema)).invitations
  await viewer.call(`/v1/invitations/${invitation?.id}/acceptance`, z.unknown(), {})
}
