import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { interpolate } from '../../../core/blueprint/interpolate.ts'
import { earlierRequest, idempotencyRecord } from '../../../core/idempotency.ts'
import type { IdempotencyStore } from '../../../core/ports/stores.ts'
import {
  type ActPorts,
  changeOwnSite,
  findOwnSite,
  type OwnerAct,
  requireKept,
} from '../../../core/site/change-site.ts'
import type { KeptSite } from '../../../core/site/site.ts'
import { actEndpoint, actOf } from '../../_runtime/act-endpoint.ts'
import { type OwnerPorts, ownerEndpoint } from '../../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../../_runtime/http-handler.ts'
import type { AccountStore } from '../../accounts/ports.ts'
import type { Session } from '../../accounts/session/session-facts.ts'
import type { BlueprintReader } from '../../blueprints/ports.ts'
import { generatedFor, type SecretPorts } from '../../configuration/read-configuration.ts'
import type { DeploymentStore } from '../../deployments/deployment.ts'
import { dataSecretValues } from '../../deployments/leaving.ts'
import { type AuditingPorts, type AuditOrigin, auditEntry, personAudited } from '../../operators/audit/audit-entry.ts'
import type { AuditLog } from '../../operators/audit/ports.ts'
import { blueprintOf } from '../run/prepare-launch.ts'
import { requireCredentials, showCredentials } from './hand-over-changes.ts'
import { credentialsOperations } from './operations.ts'

interface Credential {
  readonly label: string
  /** Null if its blueprint names no user. */
  readonly user: string | null
  readonly value: string
}

interface RevealPorts extends SecretPorts, Pick<ActPorts, 'sites' | 'clocks' | 'randomness'> {
  readonly blueprints: BlueprintReader
  readonly idempotency: IdempotencyStore
  readonly auditLog: Pick<AuditLog, 'append'>
}

interface RevealAct extends OwnerAct {
  readonly email: string
  readonly idempotencyKey?: string | undefined
  readonly entry: Parameters<AuditLog['append']>[0]
}

const valuesOf = async (
  ports: RevealPorts,
  site: KeptSite,
  { credentials = [] }: Blueprint,
  email: string,
): Promise<readonly Credential[]> => {
  const names = credentials.map(({ name }) => name)
  const values = await generatedFor(ports, site, names)
  return credentials.map(({ name, label, user }) => ({
    label,
    user: user === undefined ? null : interpolate(user, { OWNER_EMAIL: email }),
    value: values.get(name) ?? '',
  }))
}

/**
 * Shows the generated credentials of the owner's site, once. A repeated request with the same key is the same request. It is recorded before
 * anything is shown.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed` if there are none or they were shown, `IdempotencyKeyReused`.
 */
const revealOwnCredentials = async (ports: RevealPorts, act: RevealAct): Promise<readonly Credential[]> => {
  const { accountId, siteId, email, idempotencyKey, entry } = act
  const found = requireKept(await findOwnSite(ports, act))
  requireCredentials(found)
  const values = await valuesOf(ports, found, await blueprintOf(ports.blueprints, found), email)
  const asked = { credentialsOf: siteId }
  const request = idempotencyKey === undefined ? undefined : { scope: accountId, key: idempotencyKey, request: asked }
  const earlier = await earlierRequest(ports.idempotency, request, ports.clocks.wall())
  await ports.auditLog.append(entry)
  if (earlier !== undefined) return values
  await changeOwnSite(ports, act, (site, context) => {
    const change = showCredentials(requireKept(site), context)
    const idempotency = request && idempotencyRecord(request, found.id, ports.clocks.wall())
    return idempotency ? { ...change, reserve: { idempotency } } : change
  })
  return values
}

type CredentialsApiPorts = RevealPorts &
  OwnerPorts &
  AuditingPorts &
  HttpPorts & { readonly accounts: AccountStore; readonly deployments: Pick<DeploymentStore, 'read'> }

interface Reading {
  readonly session: Session
  readonly from: AuditOrigin
  readonly requestId: string
}

const entryOf = (ports: AuditingPorts, action: string, siteId: string, { session, ...reading }: Reading) =>
  auditEntry(ports, { who: personAudited(session), action, targets: [siteId, session.accountId], ...reading })

/** Apart from the owners' other operations: it has the sites' secrets. */
export const create = (ports: CredentialsApiPorts) =>
  httpHandler(
    [
      actEndpoint(credentialsOperations.revealCredentials, ports, async ({ params, headers }, context) => {
        const { accountId, email } = context.session
        const credentials = await revealOwnCredentials(ports, {
          ...actOf(params.id, context),
          // The product knows the holder.
          email: (await ports.accounts.getOwner(accountId))?.email ?? email,
          idempotencyKey: headers['idempotency-key'],
          entry: entryOf(ports, 'revealCredentials', params.id, context),
        })
        return { body: { credentials } }
      }),
      ownerEndpoint(credentialsOperations.revealDataSecrets, ports, async ({ params }, context) => {
        const site = await findOwnSite(ports, { siteId: params.id, accountId: context.session.accountId })
        const secrets = await dataSecretValues(ports, site)
        // Nothing is shown that is not recorded.
        await ports.auditLog.append(entryOf(ports, 'revealDataSecrets', site.id, context))
        return { body: { secrets } }
      }),
    ],
    ports,
  )
