import type { Challenge } from './abuse/challenge.ts'
import type { PlanOffer } from './plan/plan.ts'

/**
 * Everything that can go wrong and be told to a caller. The set is closed: HTTP statuses hang on it in one table,
 * and a state machine may match an error by its name, which is the kind.
 */
export const errorKinds = [
  'InvalidRequest',
  'MalformedBody',
  'UnsupportedMediaType',
  'PayloadTooLarge',
  'Unauthenticated',
  'Forbidden',
  'NotFound',
  'MethodNotAllowed',
  'HostnameTaken',
  'HostnameNotAllowed',
  'TrialAlreadyUsed',
  'CodeWrong',
  'CodeExpired',
  'CodeExhausted',
  'MailDomainRefused',
  'RateLimited',
  'ProofOfWorkRequired',
  'IdempotencyKeyReused',
  'VersionConflict',
  'TransitionNotAllowed',
  'OperationSuperseded',
  'OperationInProgress',
  'ExtensionUsed',
  'PaymentRequired',
  'FeatureNotInPlan',
  'WebhookRefused',
  'LimitsExceeded',
  'PaymentDeclined',
  'ConfirmationWrong',
  'WaitingList',
  'BrakeOn',
  'ArchiveNotReady',
  'ArchiveDamaged',
  'ArchivingFailed',
  'SiteNotReady',
  'BlueprintInvalid',
  'BlueprintUnknown',
  'RuntimeUnavailable',
  'LaunchFailed',
  'Unavailable',
] as const

export type ErrorKind = (typeof errorKinds)[number]

/** One thing wrong with one place of the input. `path` is dotted, empty for the whole. */
export interface FieldProblem {
  readonly path: string
  readonly message: string
}

export class SitewrightError extends Error {
  readonly kind: ErrorKind
  readonly fields: readonly FieldProblem[]
  /** When the same request may be let in; whole seconds. */
  readonly retryAfterSeconds: number | undefined
  /** What to solve before it is. */
  readonly challenge: Challenge | undefined
  /** What to choose of before it is. */
  readonly plans: readonly PlanOffer[] | undefined

  /** `message` is shown to callers: it says what was wrong, with what, and what to do, and never holds a secret. */
  constructor(
    kind: ErrorKind,
    message: string,
    options: {
      fields?: readonly FieldProblem[]
      cause?: unknown
      retryAfterSeconds?: number
      challenge?: Challenge
      plans?: readonly PlanOffer[]
    } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = kind
    this.kind = kind
    this.fields = options.fields ?? []
    this.retryAfterSeconds = options.retryAfterSeconds
    this.challenge = options.challenge
    this.plans = options.plans
  }
}

export const isErrorOfKind = (error: unknown, ...kinds: readonly ErrorKind[]): error is SitewrightError =>
  error instanceof SitewrightError && kinds.includes(error.kind)

/** Something that whoever edits sitewright.config.ts can put right. Its message says how; a stack trace would only hide it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}
