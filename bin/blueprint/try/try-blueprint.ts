import { createRootSigner, generateRootKey, type RootSigner } from '../../../adapters/entitlement/root-signer.ts'
import { readBlueprint } from '../../../adapters/files/blueprint-files.ts'
import { type Blueprint, longestStartSeconds } from '../../../core/blueprint/blueprint.ts'
import { isBoundLate } from '../../../core/blueprint/interpolate.ts'
import type { Config } from '../../../core/config/config.ts'
import type { Plan } from '../../../core/plan/plan.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import type { Endpoint } from '../../../core/site/site.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { requirePublishable } from '../../../lambdas/blueprints/require-publishable.ts'
import { messageOf } from '../../command-line/read-options.ts'
import { BadInput } from '../bad-input.ts'
import { checkCommand, checkHook } from './check-hand-over.ts'
import { type Door, openDoor } from './door.ts'
import { checkHealthPath, failedStart, lastWords, stayedUp } from './failed-start.ts'
import { checkLiteralVariables, checkRefusedWrites, checkStrayFiles } from './file-checks.ts'
import { type Finding, findingsOf, mustChange, reportOf, seconds } from './findings.ts'
import { followLogs, type LogLine } from './follow-logs.ts'
import { followStart, observeSite, type Start } from './follow-start.ts'
import { provideImages } from './images.ts'
import type { Load } from './machine-view.ts'
import { checkPlans, planTable } from './plans.ts'
import { rehearseUpgrade } from './rehearse-upgrade.ts'
import { checkHandedOver, checkSetUpPages } from './set-up-pages.ts'
import { openStage, type RuntimeName, type Stage } from './stage.ts'
import { checkRestart, stopSite } from './stop-and-wake.ts'
import { type ThrowAwaySite, throwAwaySite } from './throw-away-site.ts'
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
  /** The file of the former version, to rehearse an upgrade from it. */
  readonly from?: string | undefined
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
  const { ok, note, wrong } = findingsOf('time to healthy')
  const result = `${seconds(milliseconds)}; \`startSeconds\` is ${startSeconds}.`
  if (milliseconds <= startSeconds * 600) return ok(result)
  const enough = Math.min(longestStartSeconds, Math.ceil(milliseconds / 5000) * 10)
  const advice = `Set \`traffic.startSeconds: ${enough}\`: other machines may be slower.`
  return milliseconds > startSeconds * 1000 ? wrong(result, advice) : note(result, advice)
}

const runsFirst = ({ handOver }: Blueprint): boolean => handOver?.task?.beforeStart === true

/** Whether a claim waits for a start, and how long that takes. */
const claimFinding = (
  blueprint: Blueprint,
  facts: object | undefined,
  [start = 0, command = 0, restart = 0]: readonly number[],
): Finding => {
  const { ok, note } = findingsOf('claim')
  // A command that makes the administrator stops the site, and starts it again, unless it runs first.
  const isFirst = runsFirst(blueprint)
  const again = isFirst || command === 0 ? 0 : command + restart
  const milliseconds = isFirst ? start + command : start
  if (!isBoundLate(blueprint)) return ok('Instant: sites wait in the pool and run.')
  const names = Object.keys(facts ?? {}).map((name) => `\${${name}}`)
  const until = again === 0 ? '' : `, and an owner ${seconds(again)} more until the administrator is made`
  const result = `Prepared: sites start at the claim, because it interpolates ${names.join(', ')}. A visitor waits about ${seconds(milliseconds)}${until}.`
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

const throwAwayOf = async (blueprint: Blueprint, { config, plan, domain }: TryOptions, root: RootSigner) =>
  throwAwaySite(blueprint, {
    plan,
    plans: planCatalogue(config.plans),
    domain,
    policyVersion: trialPolicies(config.trialPolicies).current.version,
    rootPublicKey: await root.publicKey(),
  })

const runTrial = async (blueprint: Blueprint, stage: Stage, options: TryOptions): Promise<Trial> => {
  const { config, waitsLong, signal, print } = options
  const isProcess = stage.engine === undefined
  const findings: Finding[] = [...checkLiteralVariables(blueprint)]
  if (stage.engine !== undefined) {
    findings.push(...(await provideImages(blueprint, { ...stage, engine: stage.engine }, print)))
    if (findings.some(({ check, verdict }) => check === 'image' && verdict === 'change')) return { findings, peak: [] }
  }
  const root = createRootSigner(generateRootKey())
  const thrownAway = await throwAwayOf(blueprint, options, root)
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

  // As for a site that has its owner before its first start.
  const before = runsFirst(blueprint) ? await checkCommand(stage, thrownAway, print) : undefined
  print(`Starting it on the plan '${options.plan}'`)
  const first = await start()
  if (!first.start.isHealthy) {
    await first.endLogs()
    for (const line of lastWords(first.start.seen)) print(line)
    findings.push(...(before?.findings ?? []), await failedStart(first.start, isProcess))
    return { findings, peak: [] }
  }
  const begun = await observeSite(stage.runtime, launch)
  findings.push(
    startFinding(first.start.milliseconds, blueprint),
    await checkHealthPath(first.start.endpoint, blueprint),
  )
  const siteNow = () => ({ ...site, ...(endpoint === undefined ? {} : { endpoint }) })
  await using door = await openDoor(config, { siteNow, root, blueprint })
  const visits = await visitSite({ blueprint, url }, options, { stage, door, endpoint: first.start.endpoint })
  const hook = await checkHook(thrownAway, first.start.endpoint)
  findings.push(...visits.findings, ...hook.findings)
  if (hook.isDone) findings.push(await checkHandedOver(door, { url, blueprint }))
  findings.push(checkStrayFiles(await stage.view.strayFiles(), isProcess))
  const seen = await observeSite(stage.runtime, launch)
  findings.push(stayedUp(begun, seen, blueprint))
  await first.endLogs()
  for (const line of lastWords(seen)) print(line)
  print('Stopping it, and starting it again')
  findings.push(await stopSite(stage, launch))
  const command = before ?? (await checkCommand(stage, thrownAway, print))
  findings.push(...command.findings)
  const restarted = await checkRestart(stage, launch, async () => {
    const second = await start()
    await second.endLogs()
    return second.start
  })
  findings.push(...restarted.findings)
  if (command.isDone && restarted.isHealthy) findings.push(await checkHandedOver(door, { url, blueprint }))
  const times = [first.start, command, restarted].map(({ milliseconds }) => milliseconds)
  findings.push(checkRefusedWrites(lines), claimFinding(blueprint, launch.facts, times))
  return { findings, peak: visits.peak }
}

/** @throws {BadInput} if the former version cannot be read, or is no other version of the same blueprint. */
const readFormer = async ({ name, version }: Blueprint, { from, config }: TryOptions) => {
  if (from === undefined) return undefined
  const blueprint = await readTried(from, config.plans)
  if (blueprint.name === name && blueprint.version !== version) return { blueprint, file: from }
  throw new BadInput(
    `--from must be another version of '${name}'; ${from} is '${blueprint.name}' version ${blueprint.version}.`,
  )
}

const runRehearsal = async (former: Blueprint, next: Blueprint, stage: Stage, options: TryOptions): Promise<Trial> => {
  const { config, waitsLong, signal, print } = options
  const findings: Finding[] = []
  if (stage.engine !== undefined) {
    for (const one of [former, next]) {
      findings.push(...(await provideImages(one, { ...stage, engine: stage.engine }, print)))
    }
    if (mustChange(findings)) return { findings, peak: [] }
  }
  const root = createRootSigner(generateRootKey())
  const site = await throwAwayOf(former, options, root)
  await stage.storage.prepare(site.launch)
  const begin = async (launch: Launch): Promise<Start> => {
    const logs = followLogs(stage.runtime, launch, print)
    const started = await followStart(stage, launch, { print, waitsLong, signal })
    await logs.hush()
    await logs.end()
    return started
  }
  const ofUpgrade = await rehearseUpgrade({
    stage,
    former: site,
    next: await site.launchOn(next),
    begin,
    openDoor: (endpoint) => openDoor(config, { siteNow: () => ({ ...site.site, endpoint }), root, blueprint: next }),
    print,
  })
  return { findings: [...findings, ...ofUpgrade], peak: [] }
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
  const former = await readFormer(blueprint, options)
  await using stage = await openStage(blueprint, file, runtime, former)
  print(`Trying ${blueprint.name} version ${blueprint.version} in ${stage.description}`)
  signal.throwIfAborted()
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })
  aborted.catch(() => undefined)
  const trial =
    former === undefined
      ? runTrial(blueprint, stage, options)
      : runRehearsal(former.blueprint, blueprint, stage, options)
  // After an interruption nobody waits for it.
  trial.catch(() => undefined)
  const { findings, peak } = await Promise.race([trial, aborted])
  const all = [...findings, checkPlans(blueprint, plans, peak)]
  for (const line of ['', ...reportOf(all), '', ...planTable(blueprint, plans, peak)]) print(line)
  const isGood = !mustChange(all)
  print(isGood ? '\nNothing must change.' : '\nSomething must change: see CHANGE in the table.')
  return isGood
}
