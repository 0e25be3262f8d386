import { findOwnSite } from '../../../core/site/change-site.ts'
import { actEndpoint } from '../../_runtime/act-endpoint.ts'
import { type OwnerPorts, ownerEndpoint } from '../../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../../_runtime/http-handler.ts'
import type { AccountStore } from '../../accounts/ports.ts'
import type { DeploymentStore } from '../../deployments/deployment.ts'
import { dataSecretValues } from '../../deployments/leaving.ts'
import { type AuditingPorts, auditEntry, personAudited } from '../../operators/audit/audit-entry.ts'
import { credentialsOperations } from './operations.ts'
import { type RevealPorts, revealOwnCredentials } from './reveal-credentials.ts'

export type CredentialsApiPorts = RevealPorts &
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
          return { status: 200, body: { credentials } }
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
          return { status: 200, body: { secrets } }
        },
      ),
    ],
    ports,
  )
