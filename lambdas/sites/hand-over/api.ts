import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { interpolate } from '../../../core/blueprint/interpolate.ts'
import { idempotencyRecord, requireSameRequest } from '../../../core/idempotency.ts'
import type { IdempotencyStore } from '../../../core/ports/stores.ts'
import {
  type ActPorts,
  changeOwnSite,
  findOwnSite,
  type OwnerAct,
  requireKept,
} from '../../../core/site/change-site.ts'
import type { KeptSite } from '../../../core/site/site.ts'
import { actEndpoint } from '../../_runtime/act-endpoint.ts'
import { type OwnerPorts, ownerEndpoint } from '../../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../../_runtime/http-handler.ts'
import type { AccountStore } from '../../accounts/ports.ts'
import type { BlueprintReader } from '../../blueprints/ports.ts'
import { generatedFor, type SecretPorts } from '../../configuration/read-configuration.ts'
import type { DeploymentStore } from '../../deployments/deployment.ts'
import { dataSecretValues } from '../../deployments/leaving.ts'
import { type AuditingPorts, auditEntry, personAudited } from '../../operators/audit/audit-entry.ts'
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
  const record =
    idempotencyKey === undefined
      ? undefined
      : idempotencyRecord(
          { scope: accountId, key: idempotencyKey, request: { credentialsOf: siteId } },
          found.id,
          ports.clocks.wall(),
        )
  const earlier = record === undefined ? undefined : await ports.idempotency.find(record.key)
  if (record !== undefined && earlier !== undefined) requireSameRequest(earlier, record)
  await ports.auditLog.append(entry)
  if (earlier !== undefined) return values
  await changeOwnSite(ports, act, (site, context) => {
    const change = showCredentials(requireKept(site), context)
    return record === undefined ? change : { ...change, reserve: { idempotency: record } }
  })
  return values
}

type CredentialsApiPorts = RevealPorts &
  OwnerPorts &
  AuditingPorts &
  HttpPorts & { readonly accounts: AccountStore; readonly deployments: Pick<DeploymentStore, 'read'> }

/** Apart from the owners' other operations: it has the sites' secrets. */
export const create = (ports: CredentialsApiPorts) =>
  httpHandler(
    [
      actEndpoint(
        credentialsOperations.revealCredentials,
        ports,
        async ({ params, headers }, { session, from, requestId }) => {
          const entry = auditEntry(ports, {
            who: personAudited(session),
            action: 'revealCredentials',
            targets: [params.id, session.accountId],
            from,
            requestId,
          })
          const credentials = await revealOwnCredentials(ports, {
            siteId: params.id,
            accountId: session.accountId,
            actor: { kind: 'owner', personId: session.personId },
            causationId: requestId,
            // The product knows the holder.
            email: (await ports.accounts.getOwner(session.accountId))?.email ?? session.email,
            idempotencyKey: headers['idempotency-key'],
            entry,
          })
          return { body: { credentials } }
        },
      ),
      ownerEndpoint(
        credentialsOperations.revealDataSecrets,
        ports,
        async ({ params }, { session, from, requestId }) => {
          const { accountId } = session
          const site = await findOwnSite(ports, { siteId: params.id, accountId })
          const secrets = await dataSecretValues(ports, site)
          const who = personAudited(session)
          const targets = [site.id, accountId]
          // Nothing is shown that is not recorded.
          await ports.auditLog.append(auditEntry(ports, { who, action: 'revealDataSecrets', targets, from, requestId }))
          return { body: { secrets } }
        },
      ),
    ],
    ports,
  )
