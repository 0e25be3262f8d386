import { randomBytes } from 'node:crypto'
import { posix } from 'node:path'
import { createSiteHooks } from '../../../adapters/http/site-hooks.ts'
import { isErrorOfKind } from '../../../core/errors.ts'
import type { HookAnswer } from '../../../core/ports/hooks.ts'
import type { Endpoint } from '../../../core/site/site.ts'
import { redacted } from '../../../lambdas/sites/evidence/evidence.ts'
import { ownersCommand } from '../../../lambdas/sites/hand-over/hand-over-by-task.ts'
import { endWords } from '../../../lambdas/sites/run/run-command.ts'
import { type Finding, findingsOf, reasonOf } from './findings.ts'
import { runUntilEnded, type Stage } from './stage.ts'
import type { ThrowAwaySite } from './throw-away-site.ts'
import { lastingText } from './walk.ts'

const { ok, note, wrong } = findingsOf('hand-over')

const owner = { email: 'owner@example.com', name: 'An owner' }

interface HandOverCheck {
  readonly findings: readonly Finding[]
  /** Strangers would be let in after it. */
  readonly isDone: boolean
}

const failed = (result: string, change: string): HandOverCheck => ({ findings: [wrong(result, change)], isDone: false })

const none: HandOverCheck = { findings: [], isDone: false }

/** A hand-over may run twice, after a crash. @param once returns what failed. */
const both = async (
  once: (time: number) => Promise<string | undefined>,
  done: () => Finding,
): Promise<HandOverCheck> => {
  const first = await once(1)
  if (first !== undefined) return failed(first, 'Correct `handOver`: the gate of each new site waits for it.')
  const second = await once(2)
  if (second !== undefined) return failed(`The second time: ${second}`, 'Let it succeed if it was done before.')
  return { findings: [done()], isDone: true }
}

const isTaken = (answer: HookAnswer): boolean => 'status' in answer && answer.status >= 200 && answer.status < 300

/** Posts an invented owner to the claim hook. Does nothing for a blueprint without one. */
export const checkHook = async (
  { launch, site, url, password }: Pick<ThrowAwaySite, 'launch' | 'site' | 'url' | 'password'>,
  endpoint: Endpoint,
): Promise<HandOverCheck> => {
  const hook = launch.blueprint.handOver?.hook
  if (hook === undefined) return none
  const { path } = hook
  const token = hook.secret === undefined ? undefined : launch.secrets[hook.secret]
  const body = JSON.stringify({ siteId: site.id, siteUrl: url, ...owner, password })
  const post = (to: string, idempotencyKey: string): Promise<HookAnswer> =>
    createSiteHooks().call(
      { ...site, endpoint },
      { siteUrl: url, path: to, idempotencyKey, body, ...(token === undefined ? {} : { token }) },
    )
  // The same, posted beside it to a path that the product does not have.
  const unknown = posix.join(posix.dirname(path.split('?', 1)[0] ?? path), randomBytes(12).toString('hex'))
  const elsewhere = await post(unknown, `try-${site.id}`)
  let answer = elsewhere
  const once = async (): Promise<string | undefined> => {
    answer = await post(path, `handover-${site.id}`)
    if ('failure' in answer) return `${path} did not answer: ${answer.failure}.`
    return isTaken(answer) ? undefined : `${path} answered ${answer.status}.`
  }
  const textOf = (given: HookAnswer): string =>
    'failure' in given
      ? given.failure
      : `${given.status} ${lastingText(given.text.replaceAll(path, '').replaceAll(unknown, ''))}`
  return both(once, () => {
    if (!isTaken(elsewhere)) return ok(`${path} took an owner, and the same one again.`)
    const result = `${path} took an owner, but so does any other path: this proves no hand-over.`
    return textOf(answer) === textOf(elsewhere)
      ? wrong(result, 'Correct `handOver.hook.path`, and answer 404 to a POST to unknown paths.')
      : note(result, 'Check that the owner is its administrator, and answer 404 to a POST to unknown paths.')
  })
}

/** @throws the error itself if it is not the blueprint's. */
const notStarted = (error: unknown): HandOverCheck => {
  if (!isErrorOfKind(error, 'LaunchFailed')) throw error
  const change =
    error.cause === undefined
      ? 'Correct the container that it waits for (`after`).'
      : 'Correct `handOver.task.command`: it begins with a program of the traffic container.'
  return failed(`The command cannot be started: ${reasonOf(error).replace(/\.?$/, '.')}`, change)
}

/** Runs the command that makes the administrator, for an invented owner. The site is stopped then. */
export const checkCommand = async (
  { runtime }: Pick<Stage, 'runtime'>,
  { launch, url, password }: Pick<ThrowAwaySite, 'launch' | 'url' | 'password'>,
  print: (line: string) => void,
): Promise<HandOverCheck> => {
  const task = launch.blueprint.handOver?.task
  if (task === undefined) return none
  print('Making an invented owner its administrator')
  const command = ownersCommand(task, {
    OWNER_EMAIL: owner.email,
    OWNER_NAME: owner.name,
    SITE_URL: url,
    ONE_TIME_PASSWORD: password,
  })
  const hidden = [password, ...Object.values(launch.secrets)]
  const once = async (time: number): Promise<string | undefined> => {
    const end = await runUntilEnded(runtime, launch, { ...command, key: `hand-over-${time}` })
    // Some programs end with 0 when they fail.
    for (const line of end.lines.slice(-20)) print(`  [hand-over] ${redacted(line, hidden)}`)
    return end.exitCode === 0 ? undefined : `The command ${endWords(end)}: see its output above.`
  }
  try {
    return await both(once, () => ok('The command made an administrator, and succeeded again.'))
  } catch (error) {
    return notStarted(error)
  }
}
