import type { OperatorRole } from '../events/event.ts'

/** A member of staff, known by the subject of their token. */
export interface Operator {
  readonly operatorId: string
  readonly role: OperatorRole
}

/** Knows the tokens that the operators' identity provider gives out. */
export interface OperatorTokens {
  /**
   * Undefined where the token is not good, or whoever it speaks for has none of our roles.
   * @throws {SitewrightError} `Unavailable` where the provider's keys cannot be had.
   */
  readonly verify: (token: string) => Promise<Operator | undefined>
}
