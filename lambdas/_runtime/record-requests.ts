import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import {
  type AuditEntry,
  type Audited,
  type AuditingPorts,
  type AuditOrigin,
  auditEntry,
  auditOrigin,
  type Refusal,
} from '../operators/audit/audit-entry.ts'
import type { AuditLog } from '../operators/audit/ports.ts'
import { type CountRefusalPorts, countRefusal } from '../operators/audit/refusals.ts'
import type { SignedInOperator } from './authenticate-operator.ts'
import { problemForms, problemType } from './problem.ts'

export interface RecordingPorts extends AuditingPorts, CountRefusalPorts {
  readonly auditLog: Pick<AuditLog, 'append'>
}

interface By {
  readonly who: Audited
  readonly from: AuditOrigin
}

export const originOf = ({ requestContext, headers }: APIGatewayProxyEventV2): AuditOrigin =>
  auditOrigin(requestContext.http.sourceIp, headers['user-agent'])

/** Answers, and counts a refusal by its problem. A fault of ours is no refusal. */
export const countingRefusals = async <Result>(
  ports: CountRefusalPorts,
  by: By & Pick<Refusal, 'accountId'>,
  answer: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await answer()
  } catch (error) {
    if (error instanceof SitewrightError && problemForms[error.kind].status < 500) {
      const { kind, feature } = error
      await countRefusal(ports, { ...by, problem: problemType(kind), ...(feature && { feature }) })
    }
    throw error
  }
}

const anyId = /^[a-z]{3,4}_[0-9a-z]{26}$/

/** Only ids: anything else in a path may be what somebody typed. */
const targetsOf = (params: object): string[] =>
  Object.values(params).filter((value): value is string => typeof value === 'string' && anyId.test(value))

const withReason = z.object({ reason: z.string() })

export const actEntry = (
  ports: AuditingPorts,
  said: By & Pick<AuditEntry, 'action' | 'requestId'>,
  { params, body }: { readonly params: object; readonly body: unknown },
): AuditEntry => auditEntry(ports, { ...said, targets: targetsOf(params), ...withReason.safeParse(body).data })

/** @throws {SitewrightError} `Unavailable`: what cannot be recorded does not happen. */
export const recordOrRefuse = async (
  { auditLog }: Pick<RecordingPorts, 'auditLog'>,
  entry: AuditEntry,
): Promise<void> => {
  try {
    await auditLog.append(entry)
  } catch (error) {
    throw new SitewrightError(
      'Unavailable',
      'The audit log cannot record this at the moment, so it was refused. Try again in a moment.',
      { cause: error },
    )
  }
}

const hourMilliseconds = 3_600_000
const max = 1000

/**
 * The reads of sessions that this process has entered in the audit log within an hour. A poll that shows the same data is not entered
 * again. The header of a poll alone is not enough: with it, an operator could read anything unrecorded.
 */
export const enteredReads = () => {
  const entered = new Map<string, number>()
  const keyOf = ({ session }: SignedInOperator, { action, targets, from }: AuditEntry): string | undefined =>
    session === undefined ? undefined : JSON.stringify([session.tokenHash, action, targets, from])
  return {
    has: (operator: SignedInOperator, entry: AuditEntry): boolean => {
      const key = keyOf(operator, entry)
      const at = key === undefined ? undefined : entered.get(key)
      return at !== undefined && Date.parse(entry.at) - at < hourMilliseconds
    },
    add: (operator: SignedInOperator, entry: AuditEntry): void => {
      const key = keyOf(operator, entry)
      if (key === undefined) return
      entered.delete(key)
      entered.set(key, Date.parse(entry.at))
      const [oldest] = entered.keys()
      if (entered.size > max && oldest !== undefined) entered.delete(oldest)
    },
  }
}
