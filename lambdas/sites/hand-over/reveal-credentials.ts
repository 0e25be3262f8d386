import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { interpolate } from '../../../core/blueprint/interpolate.ts'
import { idempotencyRecord, requireSameRequest } from '../../../core/idempotency.ts'
import type { SiteId } from '../../../core/ids.ts'
import type { IdempotencyStore } from '../../../core/ports/stores.ts'
import {
  type ActPorts,
  actContext,
  changeOwnSite,
  findOwnSite,
  type OwnerAct,
  requireKept,
} from '../../../core/site/change-site.ts'
import type { BlueprintReader } from '../../blueprints/ports.ts'
import { generatedSecrets, type SecretPorts } from '../../configuration/read-configuration.ts'
import type { AuditLog } from '../../operators/audit/ports.ts'
import { blueprintOf } from '../run/prepare-launch.ts'
import { requireCredentials, showCredentials } from './hand-over-changes.ts'

export interface Credential {
  readonly label: string
  /** Null if its blueprint names no user. */
  readonly user: string | null
  readonly value: string
}

export interface RevealPorts extends SecretPorts, Pick<ActPorts, 'sites' | 'clocks' | 'randomness'> {
  readonly blueprints: BlueprintReader
  readonly idempotency: IdempotencyStore
  readonly auditLog: Pick<AuditLog, 'append'>
}

export interface RevealAct extends OwnerAct {
  readonly email: string
  readonly idempotencyKey?: string | undefined
  readonly entry: Parameters<AuditLog['append']>[0]
}

const valuesOf = async (
  ports: RevealPorts,
  siteId: SiteId,
  { credentials = [] }: Blueprint,
  email: string,
): Promise<readonly Credential[]> => {
  const names = credentials.map(({ name }) => name)
  const values = new Map(await generatedSecrets(ports, siteId, names))
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
export const revealOwnCredentials = async (ports: RevealPorts, act: RevealAct): Promise<readonly Credential[]> => {
  const { accountId, siteId, email, idempotencyKey, entry } = act
  const found = requireKept(await findOwnSite(ports, act))
  requireCredentials(found)
  const values = await valuesOf(ports, found.id, await blueprintOf(ports.blueprints, found), email)
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
  await changeOwnSite(ports, act, (site) => {
    const change = showCredentials(requireKept(site), actContext(ports, act))
    return record === undefined ? change : { ...change, reserve: { idempotency: record } }
  })
  return values
}
