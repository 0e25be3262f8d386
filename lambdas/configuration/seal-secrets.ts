import { SitewrightError } from '../../core/errors.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Configuration, ConfigurationStore, SealedFor, SecretSealer } from './configuration.ts'

export interface SealPorts extends Pick<Context, 'clocks'> {
  readonly secretSealer: SecretSealer
}

/** Seals the secrets that a version of a site's configuration sets. */
export const sealSecrets = async (
  { secretSealer, clocks }: SealPorts,
  { siteId, version }: Omit<SealedFor, 'name'>,
  values: Readonly<Record<string, string>>,
): Promise<Configuration['secrets']> => {
  const at = clocks.wall()
  const sealed = Object.entries(values).map(async ([name, value]) => {
    return [name, { sealed: await secretSealer.seal({ siteId, version, name }, value), version, at }] as const
  })
  return Object.fromEntries(await Promise.all(sealed))
}

/** Makes the next version of a site's configuration of values that come with it, and stores nothing. @returns undefined without values. */
export const importedConfiguration = async (
  ports: SealPorts & { readonly configurations: Pick<ConfigurationStore, 'list'> },
  { variables, secrets }: Readonly<Record<'variables' | 'secrets', Readonly<Record<string, string>>>>,
  of: Pick<Configuration, 'siteId' | 'actor' | 'reason' | 'basedOn'>,
): Promise<Configuration | undefined> => {
  const changed = [...Object.keys(variables), ...Object.keys(secrets)]
  if (changed.length === 0) return undefined
  const { siteId } = of
  const version = ((await ports.configurations.list(siteId))[0]?.version ?? 0) + 1
  return {
    ...{ schemaVersion: 1, ...of, version, at: ports.clocks.wall(), changed, variables: { ...variables } },
    secrets: await sealSecrets(ports, { siteId, version }, secrets),
  }
}

/** @throws {SitewrightError} `VersionConflict`. */
export const addConfiguration = async (
  { configurations }: { readonly configurations: Pick<ConfigurationStore, 'add'> },
  next: Configuration,
): Promise<void> => {
  if (await configurations.add(next)) return
  throw new SitewrightError('VersionConflict', 'Somebody changed the configuration at the same time.')
}
