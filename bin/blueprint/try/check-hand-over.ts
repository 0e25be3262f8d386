import { randomBytes } from 'node:crypto'
import { posix } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createSiteHooks } from '../../../adapters/http/site-hooks.ts'
import { isErrorOfKind } from '../../../core/errors.ts'
import type { HookAnswer } from '../../../core/ports/hooks.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import type { ActiveSite, Endpoint } from '../../../core/site/site.ts'
import { redacted } from '../../../lambdas/sites/evidence/evidence.ts'
import { ownersCommand } from '../../../lambdas/sites/hand-over/hand-over-by-task.ts'
import { endWords } from '../../../lambdas/sites/run/run-command.ts'
import { type Finding, findingsOf, reasonOf } from './findings.ts'
import type { Stage } from './stage.ts'
import { lastingText } from './walk.ts'

const { ok, note, wrong } = findingsOf('hand-over')

/** The owner of a throw-away site. */
const owner = { email: 'owner@example.com', name: 'An owner' }

/** How a hand-over went. `isDone`: strangers would be let in after it. `milliseconds`: what it took the first time. */
interface HandOverCheck {
  readonly findings: readonly Finding[]
  readonly isDone: boolean
  readonly milliseconds: number
}

const none: HandOverCheck = { findings: [], isDone: false, milliseconds: 0 }

const failed = (finding: Finding): HandOverCheck => ({ findings: [finding], isDone: false, milliseconds: 0 })

/** A hand-over may run twice, after a crash. */
const both = async (
  once: (time: number) => Promise<string | undefined>,
  done: () => Finding,
): Promise<HandOverCheck> => {
  const begunAt = performance.now()
  const first = await once(1)
  const milliseconds = performance.now() - begunAt
  if (first !== undefined) return failed(wrong(first, 'Correct `handOver`: the gate of each new site waits for it.'))
  const second = await once(2)
  if (second === undefined) return { findings: [done()], isDone: true, milliseconds }
  return failed(wrong(`The second time: ${second}`, 'Let it succeed if it was done before.'))
}

const isTaken = (answer: HookAnswer): boolean => 'status' in answer && answer.status >= 200 && answer.status < 300

/** A path of no product, beside another. */
const pathBeside = (path: string): string =>
  posix.join(posix.dirname(path.split('?', 1)[0] ?? path), randomBytes(12).toString('hex'))

interface Answers {
  readonly hook: HookAnswer
  /** The answer to the same, posted to a path that the product does not have. */
  readonly elsewhere: HookAnswer
}

/** What it proves that a hook took an owner. @param paths of the hook, and of what the product does not have. */
const proof = ([path, unknown]: readonly [string, string], { hook, elsewhere }: Answers): Finding => {
  const textOf = (answer: HookAnswer): string => {
    if ('failure' in answer) return answer.failure
    return `${answer.status} ${lastingText(answer.text.replaceAll(path, '').replaceAll(unknown, ''))}`
  }
  if (!isTaken(elsewhere)) return ok(`${path} took an owner, and the same one again.`)
  const result = `${path} took an owner, but so does any other path: this proves no hand-over.`
  if (textOf(hook) !== textOf(elsewhere)) {
    return note(result, 'Check that the owner is its administrator, and answer 404 to a POST to unknown paths.')
  }
  return wrong(result, 'Correct `handOver.hook.path`, and answer 404 to a POST to unknown paths.')
}

/** Posts an invented owner to the claim hook. Does nothing for a blueprint without one. */
export const checkHook = async (
  { launch, site, url, password }: { launch: Launch; site: ActiveSite; url: string; password: string },
  endpoint: Endpoint,
): Promise<HandOverCheck> => {
  const hook = launch.blueprint.handOver?.hook
  if (hook === undefined) return none
  const { path } = hook
  const token = hook.secret === undefined ? undefined : launch.secrets[hook.secret]
  const post = (to: string, idempotencyKey: string): Promise<HookAnswer> =>
    createSiteHooks().call(
      { ...site, endpoint },
      {
        siteUrl: url,
        path: to,
        idempotencyKey,
        ...(token === undefined ? {} : { token }),
        body: JSON.stringify({ siteId: site.id, siteUrl: url, ...owner, password }),
      },
    )
  const unknown = pathBeside(path)
  const elsewhere = await post(unknown, `try-${site.id}`)
  let answer = elsewhere
  const once = async (): Promise<string | undefined> => {
    answer = await post(path, `handover-${site.id}`)
    if ('failure' in answer) return `${path} did not answer: ${answer.failure}.`
    return isTaken(answer) ? undefined : `${path} answered ${answer.status}.`
  }
  return both(once, () => proof([path, unknown], { hook: answer, elsewhere }))
}

/** @throws the error itself if it is not the blueprint's. */
const notStarted = (error: unknown): Finding => {
  if (!isErrorOfKind(error, 'LaunchFailed')) throw error
  const change =
    error.cause === undefined
      ? 'Correct the container that it waits for (`after`).'
      : 'Correct `handOver.task.command`: it begins with a program of the traffic container.'
  return wrong(`The command cannot be started: ${reasonOf(error).replace(/\.?$/, '.')}`, change)
}

/** Runs the command that makes the administrator, for an invented owner. The site is stopped then. */
export const checkCommand = async (
  { runtime }: Pick<Stage, 'runtime'>,
  { launch, url, password }: { launch: Launch; url: string; password: string },
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
    const run = { ...command, key: `hand-over-${time}` }
    let state = await runtime.runOnce(launch, run)
    while (state.state === 'running') {
      await pause(100)
      state = await runtime.runOnce(launch, run)
    }
    // Some programs end with 0 when they fail.
    for (const line of state.lines.slice(-20)) print(`  [hand-over] ${redacted(line, hidden)}`)
    return state.exitCode === 0 ? undefined : `The command ${endWords(state)}: see its output above.`
  }
  try {
    return await both(once, () => ok('The command made an administrator, and succeeded again.'))
  } catch (error) {
    return failed(notStarted(error))
  }
}
