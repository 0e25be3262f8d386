import { cp } from 'node:fs/promises'
import { createRootSigner, generateRootKey } from '../../../adapters/entitlement/root-signer.ts'
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
import { type Door, openDoor } from './door.ts'
import { failedStart } from './failed-start.ts'
import { type Finding, findingsOf, mustChange } from './findings.ts'
import { startAndFollow } from './follow-logs.ts'
import type { Start } from './follow-start.ts'
import { provideImages } from './images.ts'
import { checkHandedOver, checkSetUpPages } from './set-up-pages.ts'
import { runUntilEnded, type Stage } from './stage.ts'
import { type ThrowAwaySite, throwAwaySite } from './throw-away-site.ts'

interface Rehearsal {
  readonly stage: Stage
  readonly former: ThrowAwaySite
  /** The same site on the new version and a copy of its data. */
  readonly next: Launch
  readonly begin: (launch: Launch) => Promise<Start>
  /** Opens the router in front of the site at its present address. */
  readonly openDoor: (endpoint: Endpoint) => Promise<Door>
  readonly print: (line: string) => void
}

/** Starts the former version and hands it over, so that there is data. */
const makeData = async ({ stage, former, begin, openDoor: open, print }: Rehearsal): Promise<readonly Finding[]> => {
  const { wrong } = findingsOf('former version')
  print(`Starting version ${former.launch.blueprint.version}, to have data`)
  const start = await begin(former.launch)
  if (!start.isHealthy) return [wrong(start.diagnosis.detail, 'Try the former version by itself first.')]
  const hook = await checkHook(former, start.endpoint)
  await using door = await open(start.endpoint)
  await door.visit({ path: '/', as: 'owner' })
  await stage.runtime.remove(former.launch)
  const command = await checkCommand(stage, former, print)
  await stage.runtime.remove(former.launch)
  return [...hook.findings, ...command.findings].filter(({ verdict }) => verdict === 'change')
}

const copyData = async ({ stage, former, next }: Rehearsal): Promise<Finding> => {
  const { storage } = stage
  const begunAt = performance.now()
  await storage.prepare(next, next.blueprint.data.owner)
  await cp(storage.directoryOf(former.launch), storage.directoryOf(next), {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
  })
  return findingsOf('copy of the data').ok(`${secondsText(performance.now() - begunAt)}.`)
}

/** Runs a command of the new version on its data. The site is stopped for it. */
const runOnData = async ({ stage, next }: Rehearsal, check: string, run: OneOff, advice: string): Promise<Finding> => {
  const { ok, wrong } = findingsOf(check)
  const begunAt = performance.now()
  const end = await runUntilEnded(stage.runtime, next, run)
  const took = secondsText(performance.now() - begunAt)
  if (end.exitCode === 0) return ok(`It ended with 0 after ${took}; it may take ${run.seconds} s.`)
  return wrong(`It ${endWords(end)} after ${took}: ${end.lines.at(-1) ?? 'without output'}`, advice)
}

/** Runs the command of the new version, if it has one. */
const migrate = async (rehearsal: Rehearsal): Promise<readonly Finding[]> => {
  const { command, commandSeconds: seconds = defaultCommandSeconds } = rehearsal.next.blueprint.release ?? {}
  if (command === undefined) return []
  const run = { key: 'release', command, environment: {}, seconds }
  return [await runOnData(rehearsal, 'release command', run, 'Correct `release.command`.')]
}

const goBack = 'Sites would go back to their former version.'

const checkAnswers = async ({ former, next }: Rehearsal, endpoint: Endpoint): Promise<Finding> => {
  const { ok, note, wrong } = findingsOf('checks')
  const { checks = [] } = next.blueprint.release ?? {}
  if (checks.length === 0)
    return note('There are none.', 'Name in `release.checks` what only a site with its data answers.')
  // What strangers find is a finding of its own.
  const { handOver: _, ...site } = former.site
  const unmet = await findUnmet(createHealthProbe(), site, next, endpoint)
  if (unmet === undefined) return ok(`It meets all ${checks.filter(({ path }) => path !== undefined).length}.`)
  return wrong(`${unmet.path} does not answer as the check says.`, goBack)
}

/**
 * Upgrades a throw-away site as a roll-out would: the former version makes data, and the new one gets a copy of it. Tells how long the
 * copy and the migration take, whether the checks are met, and what strangers find.
 */
export const rehearseUpgrade = async (
  from: Blueprint,
  to: Blueprint,
  stage: Stage,
  options: Parameters<typeof throwAwaySite>[1] & Parameters<typeof startAndFollow>[2],
): Promise<readonly Finding[]> => {
  const { config, print } = options
  const images = [...(await provideImages(from, stage, print)), ...(await provideImages(to, stage, print))]
  if (mustChange(images)) return images
  const root = createRootSigner(generateRootKey())
  const former = await throwAwaySite(from, options, root)
  await stage.storage.prepare(former.launch)
  const findings = await rehearse({
    ...{ stage, former, next: await former.launchOn(to), print },
    begin: async (launch) => {
      const { start, endLogs } = await startAndFollow(stage, launch, options)
      await endLogs()
      return start
    },
    openDoor: (endpoint) => openDoor(config, () => ({ ...former.site, endpoint }), root, to),
  })
  return [...images, ...findings]
}

const rehearse = async (rehearsal: Rehearsal): Promise<readonly Finding[]> => {
  const { former, next, begin, openDoor: open, print } = rehearsal
  const { blueprint } = next
  const problems = await makeData(rehearsal)
  if (problems.length > 0) return problems
  print(`Giving a copy of its data to version ${blueprint.version}`)
  const findings = [await copyData(rehearsal), ...(await migrate(rehearsal))]
  if (mustChange(findings)) return findings
  const start = await begin(next)
  if (!start.isHealthy) return [...findings, await failedStart(start, rehearsal.stage.engine === undefined)]
  const { startSeconds } = blueprint.traffic
  const took = `${secondsText(start.milliseconds)} on the data; \`startSeconds\` is ${startSeconds}.`
  const { ok, wrong } = findingsOf('time to healthy')
  const isSlow = start.milliseconds > startSeconds * 1000
  findings.push(isSlow ? wrong(took, 'Raise `traffic.startSeconds`: a migration as it starts counts.') : ok(took))
  findings.push(await checkAnswers(rehearsal, start.endpoint))
  await using door = await open(start.endpoint)
  const isHandedOver = former.launch.blueprint.handOver !== undefined && blueprint.access !== 'owner'
  const visited = { url: former.url, blueprint }
  findings.push(await (isHandedOver ? checkHandedOver : checkSetUpPages)(door, visited))
  for (const [index, run] of checkCommandsOf(blueprint.release).entries())
    findings.push(await runOnData(rehearsal, `check ${run.command[0]}`, { ...run, key: `check-${index}` }, goBack))
  return findings
}
