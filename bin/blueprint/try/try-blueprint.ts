import { createRootSigner, generateRootKey } from '../../../adapters/entitlement/root-signer.ts'
import { readBlueprint } from '../../../adapters/files/blueprint-files.ts'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { isBoundLate } from '../../../core/blueprint/interpolate.ts'
import { requirePublishable } from '../../../core/blueprint/require-publishable.ts'
import type { Config } from '../../../core/config/config.ts'
import type { Plan } from '../../../core/plan/plan.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { Endpoint } from '../../../core/site/site.ts'
import { trialPolicies } from '../../../core/site/trial-policies.ts'
import { messageOf } from '../../command-line/read-options.ts'
import { BadInput } from '../bad-input.ts'
import { checkCommand, checkHook } from './check-hand-over.ts'
import type { Door } from './door.ts'
import { openDoor } from './door.ts'
import { failedStart, lastWords, stayedUp } from './failed-start.ts'
import { checkLiteralVariables, checkRefusedWrites, checkStrayFiles } from './file-checks.ts'
import type { Finding } from './findings.ts'
import { findingsOf, mustChange, reportOf, seconds } from './findings.ts'
import type { LogLine } from './follow-logs.ts'
import { followLogs } from './follow-logs.ts'
import { followStart, observeSite } from './follow-start.ts'
import { provideImages } from './images.ts'
import type { Load } from './machine-view.ts'
import { checkPlans, planTable } from './plans.ts'
import { checkHandedOver, checkSetUpPages } from './set-up-pages.ts'
import type { RuntimeName, Stage } from './stage.ts'
import { openStage } from './stage.ts'
import { checkRestart, stopSite } from './stop-and-wake.ts'
import type { ThrowAwaySite } from './throw-away-site.ts'
import { throwAwaySite } from './throw-away-site.ts'
import { measureLoad } from './under-load.ts'
import { checkCookies, checkRedirects, checkUpload, checkUrls, checkWebSocket } from './visit-checks.ts'
import { walkFrom } from './walk.ts'

export interface TryOptions {
  readonly config: Config
  readonly runtime: RuntimeName
  /** The id of the throw-away site's plan. */
  readonly plan: string
  /** The parent domain of its hostname. */
  readonly domain: string
  readonly webSocket?: string | undefined
  readonly upload?: string | undefined
  /** Waits the whole `startSeconds` for a site that listens elsewhere or answers otherwise. */
  readonly waitsLong: boolean
  readonly signal: AbortSignal
  readonly print: (line: string) => void
}

/** @throws {BadInput} with what publication would refuse. */
const readTried = async (file: string, plans: readonly Plan[]): Promise<Blueprint> => {
  try {
    const blueprint = await readBlueprint(file)
    // The table of plans has what it needs.
    const { needs: _, ...rest } = blueprint
    requirePublishable(rest, plans)
    return blueprint
  } catch (error) {
    throw new BadInput(messageOf(error))
  }
}

const startFinding = (milliseconds: number, { traffic: { startSeconds } }: Blueprint): Finding => {
  const { ok, note } = findingsOf('time to healthy')
  const result = `${seconds(milliseconds)}; \`startSeconds\` is ${startSeconds}.`
  const isClose = milliseconds > startSeconds * 600
  return isClose ? note(result, 'Raise `traffic.startSeconds`: other machines may be slower.') : ok(result)
}

/** Whether a claim waits for a start, and how long that takes. */
const claimFinding = (blueprint: Blueprint, facts: object | undefined, milliseconds: number): Finding => {
  const { ok, note } = findingsOf('claim')
  if (!isBoundLate(blueprint)) return ok('Instant: sites wait in the pool and run.')
  const names = Object.keys(facts ?? {}).map((name) => `\${${name}}`)
  const result = `Prepared: sites start at the claim, because it interpolates ${names.join(', ')}. A visitor waits about ${seconds(milliseconds)}.`
  return note(result, 'For an instant claim, take these from the headers of requests.')
}

interface Trial {
  readonly findings: readonly Finding[]
  readonly peak: readonly Load[]
}

const visitSite = async (
  { blueprint, url }: Pick<ThrowAwaySite, 'url'> & { readonly blueprint: Blueprint },
  { config, plan, webSocket, upload, signal, print }: TryOptions,
  { stage, door, endpoint }: { readonly stage: Stage; readonly door: Door; readonly endpoint: Endpoint },
): Promise<Trial> => {
  const visited = { url, endpoint, blueprint }
  print(`Visiting it through the router, as ${url}`)
  const walk = await walkFrom(door, '/', 'owner', url)
  const findings = [
    checkRedirects(walk, visited),
    checkUrls(walk, visited),
    await checkCookies(walk, visited),
    await checkWebSocket(door, webSocket),
    await checkUpload(door, planCatalogue(config.plans).find(plan), upload),
    await checkSetUpPages(door, visited),
  ]
  print('20 clients read it for three seconds')
  const load = await measureLoad(door, stage.view, walk.last?.path ?? '/', signal)
  return { findings: [...findings, ...load.findings], peak: load.peak }
}

const runTrial = async (blueprint: Blueprint, stage: Stage, options: TryOptions): Promise<Trial> => {
  const { config, plan, domain, waitsLong, signal, print } = options
  const isProcess = stage.engine === undefined
  const findings: Finding[] = [...checkLiteralVariables(blueprint)]
  if (stage.engine !== undefined) {
    findings.push(...(await provideImages(blueprint, { ...stage, engine: stage.engine }, print)))
    if (findings.some(({ check, verdict }) => check === 'image' && verdict === 'change')) return { findings, peak: [] }
  }
  const root = createRootSigner(generateRootKey())
  const thrownAway = await throwAwaySite(blueprint, {
    plan,
    plans: planCatalogue(config.plans),
    domain,
    policyVersion: trialPolicies(config.trialPolicies).current.version,
    rootPublicKey: await root.publicKey(),
  })
  const { site, launch, url } = thrownAway
  await stage.storage.prepare(launch)
  const lines: LogLine[] = []
  let endpoint: Endpoint | undefined
  const start = async () => {
    const logs = followLogs(stage.runtime, launch, print)
    const started = await followStart(stage, launch, { print, waitsLong, signal })
    await logs.hush()
    endpoint = started.endpoint
    const endLogs = async (): Promise<void> => {
      await logs.end()
      lines.push(...logs.lines())
    }
    return { start: started, endLogs }
  }

  print(`Starting it on the plan '${plan}'`)
  const first = await start()
  if (!first.start.isHealthy) {
    await first.endLogs()
    for (const line of lastWords(first.start.seen)) print(line)
    return { findings: [...findings, await failedStart(first.start, launch, isProcess)], peak: [] }
  }
  findings.push(startFinding(first.start.milliseconds, blueprint))
  const siteNow = () => ({ ...site, ...(endpoint === undefined ? {} : { endpoint }) })
  await using door = await openDoor(config, { siteNow, root })
  const visits = await visitSite({ blueprint, url }, options, { stage, door, endpoint: first.start.endpoint })
  const hook = await checkHook(thrownAway, first.start.endpoint)
  findings.push(...visits.findings, ...hook.findings)
  if (hook.isDone) findings.push(await checkHandedOver(door, url))
  findings.push(checkStrayFiles(await stage.view.strayFiles(), isProcess))
  const seen = await observeSite(stage.runtime, launch)
  findings.push(stayedUp(seen, blueprint.traffic.healthPath))
  await first.endLogs()
  for (const line of lastWords(seen)) print(line)
  print('Stopping it, and starting it again')
  findings.push(await stopSite(stage, launch))
  const command = await checkCommand(stage, thrownAway, print)
  findings.push(...command.findings)
  const restarted = await checkRestart(stage, launch, async () => {
    const second = await start()
    await second.endLogs()
    return second.start
  })
  findings.push(...restarted.findings)
  if (command.isDone && restarted.isHealthy) findings.push(await checkHandedOver(door, url))
  findings.push(checkRefusedWrites(lines), claimFinding(blueprint, launch.facts, first.start.milliseconds))
  return { findings, peak: visits.peak }
}

/**
 * Starts one throw-away site of a blueprint as a trial would be started, looks at it from all sides, and removes it. Prints a table.
 * @returns whether nothing must change.
 * @throws {BadInput} if the blueprint cannot be read or no runtime can run it.
 */
export const tryBlueprint = async (file: string, options: TryOptions): Promise<boolean> => {
  const { config, plan, runtime, print, signal } = options
  const { plans } = config
  if (!plans.some(({ id }) => id === plan)) {
    throw new BadInput(`There is no plan '${plan}'; there are: ${plans.map(({ id }) => id).join(', ')}.`)
  }
  const blueprint = await readTried(file, plans)
  await using stage = await openStage(blueprint, file, runtime)
  print(`Trying ${blueprint.name} version ${blueprint.version} in ${stage.description}`)
  signal.throwIfAborted()
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })
  aborted.catch(() => undefined)
  const trial = runTrial(blueprint, stage, options)
  // After an interruption nobody waits for it.
  trial.catch(() => undefined)
  const { findings, peak } = await Promise.race([trial, aborted])
  const all = [...findings, checkPlans(blueprint, plans, peak)]
  for (const line of ['', ...reportOf(all), '', ...planTable(blueprint, plans, peak)]) print(line)
  const isGood = !mustChange(all)
  print(isGood ? '\nNothing must change.' : '\nSomething must change: see CHANGE in the table.')
  return isGood
}
