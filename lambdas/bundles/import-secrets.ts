import { SitewrightError } from '../../core/errors.ts'
import type { Act, ActPorts } from '../../core/site/change-site.ts'
import {
  type Configuration,
  type ConfigurationStore,
  generatedVersion,
  type SecretSealer,
} from '../configuration/configuration.ts'
import type { BundledSecrets, BundledSite } from './bundled-site.ts'

export interface ImportSecretPorts extends Pick<ActPorts, 'clocks'> {
  readonly configurations: Pick<ConfigurationStore, 'list' | 'add' | 'keepGenerated'>
  readonly secretSealer: SecretSealer
}

/** Seals the secrets for this installation. @returns the version of the site's variables and secrets; undefined for none. */
export const keepSecrets = async (
  { configurations, secretSealer, clocks }: ImportSecretPorts,
  { actor }: Act,
  {
    site: { siteId, variables },
    secrets,
    reason,
  }: { readonly site: BundledSite; readonly secrets: BundledSecrets; readonly reason: string },
): Promise<number | undefined> => {
  const sealAll = async (values: Readonly<Record<string, string>>, version: number) =>
    Promise.all(
      Object.entries(values).map(
        async ([name, value]) => [name, await secretSealer.seal({ siteId, version, name }, value)] as const,
      ),
    )
  await configurations.keepGenerated(siteId, Object.fromEntries(await sealAll(secrets.generated, generatedVersion)))
  const changed = [...Object.keys(variables), ...Object.keys(secrets.set)]
  if (changed.length === 0) return undefined
  const at = clocks.wall()
  const version = ((await configurations.list(siteId))[0]?.version ?? 0) + 1
  const sealed = (await sealAll(secrets.set, version)).map(([name, text]) => [name, { sealed: text, version, at }])
  const configuration: Configuration = {
    ...{ schemaVersion: 1, siteId, version, at, actor, reason, basedOn: 0, changed, variables },
    secrets: Object.fromEntries(sealed),
  }
  if (await configurations.add(configuration)) return version
  throw new SitewrightError('VersionConflict', 'This site is imported by somebody else at the same time.')
}
