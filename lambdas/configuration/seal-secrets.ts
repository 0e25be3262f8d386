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

export const nextVersionOf = async (
  { configurations }: { readonly configurations: Pick<ConfigurationStore, 'list'> },
  siteId: Configuration['siteId'],
): Promise<number> => ((await configurations.list(siteId))[0]?.version ?? 0) + 1
