import type { Decline } from './resources/cards.ts'

/** The members of `error` in the body of an answer: https://docs.stripe.com/api/errors */
interface FaultBody {
  readonly type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error'
  readonly message: string
  readonly code?: string
  readonly decline_code?: string
  readonly param?: string
  readonly charge?: string
}

export class StripeFault extends Error {
  readonly status: number
  readonly body: FaultBody
  /** Whether what was done before it stays: a declined attempt is an attempt. */
  readonly keepsChanges: boolean

  constructor(status: number, body: FaultBody, { keepsChanges = false }: { keepsChanges?: boolean } = {}) {
    super(body.message)
    this.name = 'StripeFault'
    this.status = status
    this.body = body
    this.keepsChanges = keepsChanges
  }
}

export const invalidRequest = (message: string, more: { code?: string; param?: string } = {}): StripeFault =>
  new StripeFault(400, { type: 'invalid_request_error', message, ...more })

/** @param what as Stripe calls it, such as `customer`. */
export const noSuch = (what: string, id: string, param = 'id'): StripeFault =>
  new StripeFault(404, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${what}: '${id}'`,
    param,
  })

export const declined = (
  { code, declineCode, message }: Decline,
  { charge, keepsChanges = false }: { charge?: string; keepsChanges?: boolean } = {},
): StripeFault =>
  new StripeFault(
    402,
    {
      type: 'card_error',
      code,
      message,
      ...(declineCode === undefined ? {} : { decline_code: declineCode }),
      ...(charge === undefined ? {} : { charge }),
    },
    { keepsChanges },
  )
