import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { type Extension, resolveExtension } from '../../core/blueprint/extension.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { BlueprintReader } from './ports.ts'

type Reader = Pick<BlueprintReader, 'get' | 'latest' | 'status'>

const missing = async (blueprints: Reader, { name, version }: Extension['extends']): Promise<string> => {
  const [latest, status] = await Promise.all([blueprints.latest(name), blueprints.status(name)])
  if (status?.draft?.blueprint.version === version) {
    return `${name} ${version} is a draft. Wait until a site of it was healthy`
  }
  return latest === undefined
    ? `there is no published blueprint '${name}'`
    : `${name} ${version} was never published; the newest version is ${latest.version}`
}

/**
 * Resolves an extension against the published version that it names.
 * @param source names the origin in the message.
 * @throws {SitewrightError} `BlueprintInvalid` if that is not published, or the result is no valid blueprint.
 */
export const resolveOnBase = async (blueprints: Reader, extension: Extension, source: string): Promise<Blueprint> => {
  const { name, version } = extension.extends
  const base = await blueprints.get(name, version)
  if (base !== undefined) return resolveExtension(extension, base, source)
  const message = await missing(blueprints, extension.extends)
  throw new SitewrightError('BlueprintInvalid', `${source}: extends: ${message}.`, {
    fields: [{ path: 'extends', message }],
  })
}
