import { isDeepStrictEqual } from 'node:util'
import { type BlueprintFiles, readUsableFiles } from '../adapters/files/blueprint-files.ts'
import type { Blueprint } from '../core/blueprint/blueprint.ts'
import { isErrorOfKind, SitewrightError } from '../core/errors.ts'
import type { Log } from '../core/ports/context.ts'
import { type SubmitPorts, submitBlueprint } from '../lambdas/blueprints/publish-draft.ts'
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

/**
 * Checks that a host's own files, as they are now, say what a blueprint builds or runs on the machine itself. Otherwise an operator's token
 * would be enough to run a program as the host, or to build its secrets into an image.
 * @throws {SitewrightError} `BlueprintInvalid`.
 */
export const ownParts =
  (directory: string) =>
  async ({ name, version, containers }: Blueprint): Promise<void> => {
    const { blueprints } = await readUsableFiles(directory, [])
    const own = blueprints.find((file) => file.name === name && file.version === version)?.containers ?? []
    for (const [index, { name: container, build, process }] of containers.entries()) {
      const found = own.find((one) => one.name === container)
      const isOwn = isDeepStrictEqual([build, process], [found?.build, found?.process])
      if (isOwn || (build === undefined && process === undefined)) continue
      throw new SitewrightError(
        'BlueprintInvalid',
        `No file of this host has the \`build\` and \`process\` of '${container}'. Copy the file to the host's directory of blueprints first.`,
        { fields: [{ path: `containers.${index}`, message: 'builds or runs what no file of this host says' }] },
      )
    }
  }

/**
 * Submits every blueprint of this installation: a new version is a draft. One that cannot be published is logged.
 * @throws {StartUpError} if none of `offered` can be published: it has mistakes, or its version is published with other content.
 */
export const submitBlueprints = async (
  found: readonly Blueprint[],
  {
    blueprints,
    plans,
    clocks,
    offered,
    log,
  }: SubmitPorts & { readonly offered: readonly string[]; readonly log: WarningLog },
): Promise<void> => {
  const refused: { readonly name: string; readonly version: number; readonly reason: string }[] = []
  for (const blueprint of found) {
    const { name, version } = blueprint
    try {
      // Before a version is current, nothing else can be built: a restart tries again.
      const again = (await blueprints.latest(name)) === undefined
      await submitBlueprint({ blueprints, plans, clocks }, blueprint, { again })
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
