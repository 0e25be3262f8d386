import { setTimeout as pause } from 'node:timers/promises'
import { createSiteHooks } from '../../../adapters/http/site-hooks.ts'
import { isErrorOfKind } from '../../../core/errors.ts'
import { redacted } from '../../../core/evidence/evidence.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import { ownersCommand } from '../../../core/site/hand-over/hand-over-by-task.ts'
import { endWords } from '../../../core/site/run/run-command.ts'
import type { ActiveSite, Endpoint } from '../../../core/site/site.ts'
import type { Finding } from './findings.ts'
import { findingsOf, reasonOf } from './findings.ts'
import type { Stage } from './stage.ts'

const { ok, wrong } = findingsOf('hand-over')

/** The owner of a throw-away site. */
const owner = { email: 'owner@example.com', name: 'An owner' }

/** A hand-over may run twice, after a crash. */
const both = async (once: (time: number) => Promise<string | undefined>, done: string): Promise<Finding> => {
  const first = await once(1)
  if (first !== undefined) return wrong(first, 'Correct `handOver`: the gate of each new site waits for it.')
  const second = await once(2)
  return second === undefined ? ok(done) : wrong(`The second time: ${second}`, 'Let it succeed if it was done before.')
}

/** Posts an invented owner to the claim hook. Does nothing for a blueprint without one. */
export const checkHook = async (
  { launch, site, url, password }: { launch: Launch; site: ActiveSite; url: string; password: string },
  endpoint: Endpoint,
): Promise<readonly Finding[]> => {
  const hook = launch.blueprint.handOver?.hook
  if (hook === undefined) return []
  const token = hook.secret === undefined ? undefined : launch.secrets[hook.secret]
  const call = {
    siteUrl: url,
    path: hook.path,
    idempotencyKey: `handover-${site.id}`,
    ...(token === undefined ? {} : { token }),
    body: JSON.stringify({ siteId: site.id, siteUrl: url, ...owner, password }),
  }
  const once = async (): Promise<string | undefined> => {
    const answer = await createSiteHooks().call({ ...site, endpoint }, call)
    if ('failure' in answer) return `${hook.path} did not answer: ${answer.failure}.`
    return answer.status >= 200 && answer.status < 300 ? undefined : `${hook.path} answered ${answer.status}.`
  }
  return [await both(once, `${hook.path} took an owner, and the same one again.`)]
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
): Promise<readonly Finding[]> => {
  const task = launch.blueprint.handOver?.task
  if (task === undefined) return []
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
    return [await both(once, 'The command made an administrator, and succeeded again.')]
  } catch (error) {
    return [notStarted(error)]
  }
}
