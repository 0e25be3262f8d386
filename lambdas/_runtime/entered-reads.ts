import type { AuditEntry } from '../operators/audit/audit-entry.ts'
import type { SignedInOperator } from './authenticate-operator.ts'

const hourMilliseconds = 3_600_000
const most = 1000

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
      if (entered.size > most && oldest !== undefined) entered.delete(oldest)
    },
  }
}
