import { isDeepStrictEqual } from 'node:util'
import { type BlueprintFiles, readUsableFiles } from '../adapters/files/blueprint-files.ts'
import { oneAtATime } from '../adapters/site-runtime/pacing.ts'
import type { Blueprint, BlueprintContainer } from '../core/blueprint/blueprint.ts'
import { resolveExtension } from '../core/blueprint/extension.ts'
import { isErrorOfKind, SitewrightError } from '../core/errors.ts'
import type { Log } from '../core/ports/context.ts'
import { type SubmitPorts, submitBlueprint } from '../lambdas/blueprints/change-status.ts'
import type { BlueprintReader } from '../lambdas/blueprints/ports.ts'
import { resolveOnBase } from '../lambdas/blueprints/resolve-on-base.ts'
import { StartUpError } from './home/start-up-error.ts'

type WarningLog = Pick<Log, 'error'>

const unusable = 'a blueprint is not used, because its file is at fault'

/**
 * Reads every blueprint of a directory. A file that is at fault is logged and left out.
 * @throws {StartUpError} if none of `offered` can be used, or the directory cannot be read.
 */
export const readBlueprints = async (
  directory: string,
  offered: readonly string[],
  log: WarningLog,
): Promise<BlueprintFiles> => {
  try {
    const { problems, ...files } = await readUsableFiles(directory, offered)
    const isOneThere = offered.some((name) => files.blueprints.some((blueprint) => blueprint.name === name))
    if (problems[0] !== undefined && !isOneThere) throw problems[0]
    for (const { message } of problems) log.error({ event: 'blueprint-unavailable', reason: message }, unusable)
    return files
  } catch (error) {
    throw error instanceof SitewrightError ? new StartUpError(error.message) : error
  }
}

/** The first part of a blueprint that builds or runs something on the machine itself, and that none of these has. */
const foreignPart = (blueprint: Blueprint, own: readonly Blueprint[]): string | undefined => {
  const containers = own.flatMap((one) => one.containers)
  // Variables and commands choose what a process runs as much as its own command does.
  const isForeign = (container: BlueprintContainer): boolean => {
    const { name, build, process } = container
    if (process !== undefined) return !containers.some((one) => isDeepStrictEqual(one, container))
    return build !== undefined && !containers.some((one) => one.name === name && isDeepStrictEqual(one.build, build))
  }
  const index = blueprint.containers.findIndex(isForeign)
  if (index >= 0) return `containers.${index}`
  if (blueprint.containers.every(({ process }) => process === undefined)) return undefined
  return (['release', 'handOver'] as const).find(
    (part) => !own.some((one) => isDeepStrictEqual(one[part], blueprint[part])),
  )
}

/**
 * Checks that a host's own files, as they are now, say what a blueprint builds or runs on the machine itself. Otherwise an operator's token
 * would be enough to run a program as the host, or to build its secrets into an image.
 * @throws {SitewrightError} `BlueprintInvalid`.
 */
export const ownParts =
  (directory: string, published: Pick<BlueprintReader, 'get'>) =>
  async (blueprint: Blueprint): Promise<void> => {
    const { name, version, extends: origin } = blueprint
    const { blueprints, extensions } = await readUsableFiles(directory, [])
    const isThis = (file: { readonly name: string; readonly version: number }) =>
      file.name === name && file.version === version
    // The version that it extends was checked when it was published.
    const base = origin && (await published.get(origin.name, origin.version))
    const extension = extensions.map((file) => file.extension).find(isThis)
    const resolved = base && extension ? [resolveExtension(extension, base, directory)] : []
    const path = foreignPart(blueprint, [...resolved, ...blueprints.filter(isThis), ...(base ? [base] : [])])
    if (path === undefined) return
    throw new SitewrightError(
      'BlueprintInvalid',
      `No file of this host has \`${path}\` as it is here. Copy the file to the host's directory of blueprints first.`,
      { fields: [{ path, message: 'builds or runs what no file of this host says' }] },
    )
  }

type HostPorts = SubmitPorts & { readonly offered: readonly string[]; readonly log: WarningLog }

/**
 * Submits every blueprint of this installation: a new version is a draft. One that cannot be published is logged.
 * @returns a function that submits the extensions that wait until a version of this installation is published.
 * @throws {StartUpError} if none of `offered` can be published: it has mistakes, or its version is published with other content.
 */
export const submitBlueprints = async (
  { blueprints: files, extensions }: Pick<BlueprintFiles, 'blueprints' | 'extensions'>,
  ports: HostPorts,
): Promise<() => Promise<void>> => {
  let waiting = extensions
  const submitWaiting = async () => {
    const isComing = await Promise.all(
      waiting.map(async ({ extension: { extends: base } }) => {
        const isHere = files.some(({ name, version }) => name === base.name && version === base.version)
        return isHere && (await ports.blueprints.get(base.name, base.version)) === undefined
      }),
    )
    const now = waiting.filter((_, index) => isComing[index] === false)
    await submitAll(
      now.map(({ extension, file }) => ({
        ...extension,
        resolve: () => resolveOnBase(ports.blueprints, extension, file),
      })),
      ports,
    )
    waiting = waiting.filter((_, index) => isComing[index])
  }
  const plain = files.filter((blueprint) => blueprint.extends === undefined)
  await submitAll(
    plain.map((blueprint) => ({ ...blueprint, resolve: async () => blueprint })),
    ports,
  )
  await submitWaiting()
  const inTurn = oneAtATime()
  return () => inTurn('waiting', submitWaiting)
}

interface Submitted {
  readonly name: string
  readonly version: number
  readonly resolve: () => Promise<Blueprint>
}

const submitAll = async (
  found: readonly Submitted[],
  { blueprints, plans, clocks, offered, log }: HostPorts,
): Promise<void> => {
  const refused: { readonly name: string; readonly version: number; readonly reason: string }[] = []
  for (const { name, version, resolve } of found) {
    try {
      // Before a version is current, nothing else can be built: a restart tries again.
      const again = (await blueprints.latest(name)) === undefined
      await submitBlueprint({ blueprints, plans, clocks }, await resolve(), { again })
    } catch (error) {
      if (!isErrorOfKind(error, 'BlueprintInvalid')) throw error
      refused.push({ name, version, reason: error.message.replace(/\.$/, '') })
    }
  }
  const ofOffered = refused.filter(({ name }) => offered.includes(name))
  if (ofOffered[0] !== undefined && ofOffered.length >= offered.length) throw new StartUpError(ofOffered[0].reason)
  for (const { name, version, reason } of refused) {
    log.error({ event: 'blueprint-unavailable', blueprint: name, version, reason }, unusable)
  }
}
