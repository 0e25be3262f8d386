import { readBlueprint } from '../../../adapters/files/blueprint-files.ts'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import type { Config } from '../../../core/config/config.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import { requirePublishable } from '../../../lambdas/blueprints/require-publishable.ts'
import { messageOf } from '../../command-line/read-options.ts'
import { unlessEnding } from '../../command-line/run-to-end.ts'
import { BadInput } from '../bad-input.ts'
import { checkCommand, checkHook } from './check-hand-over.ts'
import type { Door } from './door.ts'
import { checkHealthPath, failedStart, lastWords, stayedUp } from './failed-start.ts'
import { type Finding, findingsOf, mustChange, reportOf } from './findings.ts'
import { checkRefusedWrites } from './follow-logs.ts'
import { observeSite, type StartOptions } from './follow-start.ts'
import { provideImages } from './images.ts'
import { checkPlans, measureLoad } from './load.ts'
import { checkStrayFiles, type Load } from './machine-view.ts'
import { rehearseUpgrade } from './rehearse-upgrade.ts'
import { checkHandedOver, checkSetUpPages } from './set-up-pages.ts'
import { openStage, type RuntimeName, type Stage } from './stage.ts'
import { checkRestart, claimFinding, runsFirst, startFinding, stopSite } from './stop-and-wake.ts'
import { throwAwaySite } from './throw-away-site.ts'
import { checkCookies, checkRedirects, checkUpload, checkUrls, checkWebSocket, type Visited } from './visit-checks.ts'
import { walkFrom } from './walk.ts'

/** `$NAME` in a variable or a file stays as it is. */
const checkLiteralVariables = ({ containers }: Blueprint): readonly Finding[] =>
  containers.flatMap(({ environment, secrets, files = {} }) => {
    const ofSitewright = ['PORT', 'HOST', 'DATA_DIRECTORY', 'FILES_DIRECTORY', 'SITE_URL']
    const known = [...ofSitewright, ...Object.keys(environment), ...secrets]
    return Object.entries({ ...environment, ...files }).flatMap(([name, text]) => {
      const words = [...text.matchAll(/(?<!\$)\$([A-Za-z_]\w*)/g)].map(([, word = '']) => word)
      const word = words.find((one) => known.includes(one))
      if (word === undefined) return []
      const change = `Write \${${word}}, or $$${word} for that text.`
      return [findingsOf('variables').wrong(`$${word} in '${name}' stays as it is: no shell reads it.`, change)]
    })
  })

export interface TryOptions extends StartOptions {
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
  /** Finds a version that a file extends, unless a file beside it has it. */
  readonly baseOf?: Parameters<typeof readBlueprint>[1]
}

/** @throws {BadInput} with what publication would refuse. */
const readTried = async (file: string, { plans }: Config, baseOf: TryOptions['baseOf']): Promise<Blueprint> => {
  try {
    const blueprint = await readBlueprint(file, baseOf)
    // The finding about plans has what it needs.
    const { needs: _, ...rest } = blueprint
    requirePublishable(rest, plans)
    return blueprint
  } catch (error) {
    throw new BadInput(messageOf(error))
  }
}

interface Trial {
  readonly findings: readonly Finding[]
  readonly peak: readonly Load[]
}

const visitSite = async (
  visited: Visited,
  { config, plan, webSocket, upload, signal, print }: TryOptions,
  door: Door,
  stage: Stage,
): Promise<Trial> => {
  const { url } = visited
  print(`Visiting it through the router, as ${url}`)
  const walk = await walkFrom(door, '/', 'owner', url)
  const findings = [
    await checkRedirects(walk, visited),
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
  const { print } = options
  const isProcess = stage.engine === undefined
  const images = await provideImages(blueprint, stage, print)
  const findings = [...checkLiteralVariables(blueprint), ...images]
  if (mustChange(images)) return { findings, peak: [] }
  const tried = await throwAwaySite(blueprint, stage, options)
  const { launch, url } = tried

  // As for a site that has its owner before its first start.
  const before = runsFirst(blueprint) ? await checkCommand(stage, tried, print) : undefined
  print(`Starting it on the plan '${options.plan}'`)
  const start = await tried.start()
  if (!start.isHealthy) {
    for (const line of lastWords(start.seen)) print(line)
    findings.push(...(before?.findings ?? []), await failedStart(start, isProcess))
    return { findings, peak: [] }
  }
  const { endpoint, milliseconds } = start
  const begun = await observeSite(stage.runtime, launch)
  findings.push(startFinding(milliseconds, blueprint), await checkHealthPath(endpoint, blueprint))
  await using door = await tried.openDoor()
  const visited = { url, endpoint, blueprint }
  const visits = await visitSite(visited, options, door, stage)
  const hook = await checkHook(tried, endpoint)
  findings.push(...visits.findings, ...hook.findings)
  if (hook.isDone) findings.push(await checkHandedOver(door, visited))
  findings.push(checkStrayFiles(await stage.view.strayFiles(), isProcess))
  const seen = await observeSite(stage.runtime, launch)
  findings.push(stayedUp(begun, seen, blueprint))
  await tried.endLogs()
  for (const line of lastWords(seen)) print(line)
  print('Stopping it, and starting it again')
  findings.push(await stopSite(stage, launch))
  const command = before ?? (await checkCommand(stage, tried, print))
  const restarted = await checkRestart(stage, launch, tried.start)
  findings.push(...command.findings, ...restarted.findings)
  if (command.isDone && restarted.isHealthy) findings.push(await checkHandedOver(door, visited))
  if (restarted.isHealthy) await tried.endLogs()
  findings.push(checkRefusedWrites(tried.lines), claimFinding(blueprint, launch.facts, milliseconds))
  return { findings, peak: visits.peak }
}

/** @throws {BadInput} if the former version cannot be read, or is no other version of the same blueprint. */
const readFormer = async ({ name, version }: Blueprint, { from, config, baseOf }: TryOptions) => {
  if (from === undefined) return undefined
  const blueprint = await readTried(from, config, baseOf)
  if (blueprint.name === name && blueprint.version !== version) return { blueprint, file: from }
  throw new BadInput(
    `--from must be another version of '${name}'; ${from} is '${blueprint.name}' version ${blueprint.version}.`,
  )
}

/**
 * Starts one throw-away site of a blueprint as a trial would be started, looks at it from all sides, removes it, and prints what it found.
 * @returns whether nothing must change.
 * @throws {BadInput} if the blueprint cannot be read or no runtime can run it.
 */
export const tryBlueprint = async (
  file: string,
  given: Omit<TryOptions, 'plan'> & { readonly plan?: string | undefined },
): Promise<boolean> => {
  const { config, runtime, print, signal } = given
  const { plans } = config
  const blueprint = await readTried(file, config, given.baseOf)
  const plan = given.plan ?? blueprint.plans?.[0] ?? 'trial'
  const options = { ...given, plan }
  if (!plans.some(({ id }) => id === plan)) {
    throw new BadInput(`There is no plan '${plan}'; there are: ${plans.map(({ id }) => id).join(', ')}.`)
  }
  const former = await readFormer(blueprint, options)
  await using stage = await openStage(blueprint, file, runtime, former)
  print(`Trying ${blueprint.name} version ${blueprint.version} in ${stage.description}`)
  signal.throwIfAborted()
  const trial: Promise<Trial> =
    former === undefined
      ? runTrial(blueprint, stage, options)
      : rehearseUpgrade(former.blueprint, blueprint, stage, options).then((findings) => ({ findings, peak: [] }))
  // After an interruption nobody waits for it.
  trial.catch(() => undefined)
  const { findings, peak } = await unlessEnding(signal, trial)
  const all = [...findings, checkPlans(blueprint, plans, peak)]
  for (const line of ['', ...reportOf(all)]) print(line)
  const isGood = !mustChange(all)
  print(isGood ? '\nNothing must change.' : '\nSomething must change: see CHANGE above.')
  return isGood
}
