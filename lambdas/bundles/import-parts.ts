import { emailHash } from '../../core/email.ts'
import { refuse, SitewrightError } from '../../core/errors.ts'
import type { AccountId } from '../../core/ids.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import { type Act, type ActPorts, actContext } from '../../core/site/change-site.ts'
import { type Account, openInvited } from '../accounts/account.ts'
import { type ChangeAccountPorts, changeAccount } from '../accounts/change-account.ts'
import type { AccountOpenings, AccountStore } from '../accounts/ports.ts'
import { type ConfigurationStore, generatedVersion } from '../configuration/configuration.ts'
import { importedConfiguration, type SealPorts, sealSecrets } from '../configuration/seal-secrets.ts'
import { enterState, newDomain } from '../domains/custom-domain.ts'
import { readHostname } from '../domains/custom-hostname.ts'
import type { DomainStore } from '../domains/ports.ts'
import { type OpeningPorts, opening } from '../signup/signup.ts'
import type { BundledSecrets, BundledSite } from './bundled-site.ts'

export interface ImportOwnerPorts extends OpeningPorts, Pick<ChangeAccountPorts, 'accountChanges'> {
  readonly accounts: Pick<AccountStore, 'get' | 'findByEmailHash'>
  readonly accountOpenings: AccountOpenings
}

const requireOpen = <Found extends Pick<Account, 'closure'>>(account: Found): Found => {
  if (account.closure === undefined) return account
  return refuse('The owner has closed the account here. It has to be opened again first.')
}

/** @param known the account of a site that comes home; otherwise it is that of the owner's address, if there is one. @throws {SitewrightError} `TransitionNotAllowed` for one that is closed. */
export const requireOpenOwner = async (
  { accounts }: Pick<ImportOwnerPorts, 'accounts'>,
  { owner: { email } }: BundledSite,
  known: AccountId | undefined,
): Promise<void> => {
  const accountId = known ?? (await accounts.findByEmailHash(emailHash(email)))?.accountId
  const account = accountId && (await accounts.get(accountId))
  if (account) requireOpen(account)
}

/** Finds the account of the owner's address and counts it as a sign-up, or opens it. The account of a rehearsal's owner is counted only when the site itself is imported. */
export const importOwner = async (
  ports: ImportOwnerPorts,
  { causationId, actor }: Act,
  { site, rehearsal }: { readonly site: BundledSite; readonly rehearsal: boolean },
): Promise<AccountId> => {
  const { email, name } = site.owner
  const hash = emailHash(email)
  const known = await ports.accounts.findByEmailHash(hash)
  if (known === undefined) {
    const address = { id: causationId, email, emailHash: hash, ...(name && { name }) }
    const { event, ...opened } = opening(address, ports, rehearsal)
    if (await ports.accountOpenings.open({ ...opened, event: { ...event, actor } })) return opened.account.id
    throw new SitewrightError('VersionConflict', 'The owner signed up at the same time. Try again.')
  }
  const context = { ...ports, actor, causationId }
  const account = await changeAccount(ports, known.accountId, (found) =>
    rehearsal ? undefined : openInvited(found, context),
  )
  return requireOpen(account).id
}

export interface ImportDomainPorts extends Pick<ActPorts, 'clocks' | 'randomness'> {
  readonly domains: Pick<DomainStore, 'listBySite' | 'commit'>
  readonly consoleUrl: string
  readonly sitesDomain: string
}

/** Adds the domains that a site had elsewhere, beside those that it has here. Each is verified anew before it is served. */
export const importDomains = async (
  ports: ImportDomainPorts,
  act: Act,
  { siteId, domains }: BundledSite,
  accountId: AccountId,
): Promise<void> => {
  const known = new Set((await ports.domains.listBySite(siteId)).map(({ hostname }) => hostname))
  // The site is stored after its domains. A check before that would release them.
  const nextCheckAt = plusMilliseconds(ports.clocks.domain(), 60_000)
  for (const typed of domains) {
    const read = readHostname(typed, [new URL(ports.consoleUrl).hostname, ports.sitesDomain])
    if ('problem' in read || known.has(read.hostname)) continue
    const domain = newDomain({ siteId, accountId, hostname: read.hostname }, nextCheckAt, ports)
    await ports.domains.commit(enterState(undefined, domain, actContext(ports, act)))
  }
}

export interface ImportSecretPorts extends SealPorts {
  readonly configurations: Pick<ConfigurationStore, 'list' | 'add' | 'keepGenerated'>
}

/** Seals the secrets for this installation. @returns the version of the site's variables and secrets; undefined for none. */
export const keepSecrets = async (
  ports: ImportSecretPorts,
  { actor }: Act,
  { site, secrets, reason }: { readonly site: BundledSite; readonly secrets: BundledSecrets; readonly reason: string },
): Promise<number | undefined> => {
  const { configurations } = ports
  const { siteId, variables } = site
  const generated = await sealSecrets(ports, { siteId, version: generatedVersion }, secrets.generated)
  const texts = Object.entries(generated).map(([name, { sealed }]) => [name, sealed] as const)
  await configurations.keepGenerated(siteId, Object.fromEntries(texts))
  const values = { variables, secrets: secrets.set }
  const next = await importedConfiguration(ports, values, { siteId, actor, reason, basedOn: 0 })
  if (next === undefined || (await configurations.add(next))) return next?.version
  throw new SitewrightError('VersionConflict', 'This site is imported by somebody else at the same time.')
}
