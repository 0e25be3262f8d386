import { cp } from 'node:fs/promises'
import { createHealthProbe } from '../../../adapters/http/health-probe.ts'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { defaultCommandSeconds } from '../../../core/blueprint/handing-over.ts'
import { checkCommandsOf } from '../../../core/blueprint/release-checks.ts'
import type { Launch, OneOff } from '../../../core/ports/runtime.ts'
import type { Endpoint } from '../../../core/site/site.ts'
import { findUnmet } from '../../../lambdas/sites/evidence/keep-evidence.ts'
import { endWords } from '../../../lambdas/sites/run/run-command.ts'
import { secondsText } from '../../command-line/read-options.ts'
import { checkCommand, checkHook } from './check-hand-over.ts'
import { failedStart } from './failed-start.ts'
import { type Finding, findingsOf, mustChange } from './findings.ts'
import type { Start } from './follow-start.ts'
import { provideImages } from './images.ts'
import { checkHandedOver, checkSetUpPages } from './set-up-pages.ts'
import { runUntilEnded, type Stage } from './stage.ts'
import { startFinding } from './stop-and-wake.ts'
import { type ThrowAwaySite, throwAwaySite } from './throw-away-site.ts'

/** Starts the former version and hands it over, so that there is data. @returns what keeps it from that. */
const makeData = async (
  former: ThrowAwaySite,
  { runtime }: Stage,
  print: (line: string) => void,
): Promise<readonly Finding[]> => {
  const { launch } = former
  print(`Starting version ${launch.blueprint.version}, to have data`)
  const start = await former.start()
  if (!start.isHealthy)
    return [findingsOf('former version').wrong(start.diagnosis.detail, 'Try the former version by itself first.')]
  const hook = await checkHook(former, start.endpoint)
  await using door = await former.openDoor()
  await door.visit({ path: '/', as: 'owner' })
  await former.endLogs()
  await runtime.remove(launch)
  const command = await checkCommand({ runtime }, former, print)
  await runtime.remove(launch)
  return [...hook.findings, ...command.findings].filter(({ verdict }) => verdict === 'change')
}

const copyData = async ({ storage }: Stage, from: Launch, to: Launch): Promise<Finding> => {
  const begunAt = performance.now()
  await storage.prepare(to, to.blueprint.data.owner)
  await cp(storage.directoryOf(from), storage.directoryOf(to), {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
  })
  return findingsOf('copy of the data').ok(`${secondsText(performance.now() - begunAt)}.`)
}

/** Runs a command of the new version on its data. The site is stopped for it. */
const runOnData = async (
  { runtime }: Stage,
  next: Launch,
  { check, advice, ...run }: OneOff & { readonly check: string; readonly advice: string },
): Promise<Finding> => {
  const { ok, wrong } = findingsOf(check)
  const begunAt = performance.now()
  const end = await runUntilEnded(runtime, next, run)
  const took = secondsText(performance.now() - begunAt)
  if (end.exitCode === 0) return ok(`It ended with 0 after ${took}; it may take ${run.seconds} s.`)
  return wrong(`It ${endWords(end)} after ${took}: ${end.lines.at(-1) ?? 'without output'}`, advice)
}

/** Runs the command of the new version, if it has one. */
const migrate = async (stage: Stage, next: Launch): Promise<readonly Finding[]> => {
  const { command, commandSeconds: seconds = defaultCommandSeconds } = next.blueprint.release ?? {}
  if (command === undefined) return []
  const about = { check: 'release command', advice: 'Correct `release.command`.' }
  return [await runOnData(stage, next, { ...about, key: 'release', command, environment: {}, seconds })]
}

const goBack = 'Sites would go back to their former version.'

const checkAnswers = async ({ site: former }: ThrowAwaySite, next: Launch, endpoint: Endpoint): Promise<Finding> => {
  const { ok, note, wrong } = findingsOf('checks')
  const { checks = [] } = next.blueprint.release ?? {}
  if (checks.length === 0)
    return note('There are none.', 'Name in `release.checks` what only a site with its data answers.')
  // What strangers find is a finding of its own.
  const { handOver: _, ...site } = former
  const unmet = await findUnmet(createHealthProbe(), site, next, endpoint)
  if (unmet === undefined) return ok(`It meets all ${checks.filter(({ path }) => path !== undefined).length}.`)
  return wrong(`${unmet.path} does not answer as the check says.`, goBack)
}

/** What is found in a site that runs on the new version. */
const checkNext = async (
  stage: Stage,
  former: ThrowAwaySite,
  next: Launch,
  { endpoint, milliseconds }: Extract<Start, { isHealthy: true }>,
): Promise<readonly Finding[]> => {
  const { blueprint } = next
  const findings = [startFinding(milliseconds, blueprint), await checkAnswers(former, next, endpoint)]
  await using door = await former.openDoor(blueprint)
  const isHandedOver = former.launch.blueprint.handOver !== undefined && blueprint.access !== 'owner'
  findings.push(await (isHandedOver ? checkHandedOver : checkSetUpPages)(door, { url: former.url, blueprint }))
  for (const [index, run] of checkCommandsOf(blueprint.release).entries()) {
    const about = { check: `check ${run.command[0]}`, advice: goBack }
    findings.push(await runOnData(stage, next, { ...about, ...run, key: `check-${index}` }))
  }
  return findings
}

/**
 * Upgrades a throw-away site as a roll-out would: the former version makes data, and the new one gets a copy of it. Tells how long the
 * copy and the migration take, whether the checks are met, and what strangers find.
 */
export const rehearseUpgrade = async (
  from: Blueprint,
  to: Blueprint,
  stage: Stage,
  options: Parameters<typeof throwAwaySite>[2],
): Promise<readonly Finding[]> => {
  const { print } = options
  const images = [...(await provideImages(from, stage, print)), ...(await provideImages(to, stage, print))]
  if (mustChange(images)) return images
  const former = await throwAwaySite(from, stage, options)
  const problems = await makeData(former, stage, print)
  if (problems.length > 0) return [...images, ...problems]
  print(`Giving a copy of its data to version ${to.version}`)
  const next = await former.launchOn(to)
  const findings = [...images, await copyData(stage, former.launch, next), ...(await migrate(stage, next))]
  if (mustChange(findings)) return findings
  const start = await former.start(next)
  if (!start.isHealthy) return [...findings, await failedStart(start, stage.engine === undefined)]
  return [...findings, ...(await checkNext(stage, former, next, start))]
}
