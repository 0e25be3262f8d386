import type { Challenge } from './challenge.ts'
import type { PlanOffer } from './plan/plan.ts'

/** Every error that callers can get. One table maps kinds to HTTP statuses; state machines match the name, which is the kind. */
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
  'OfferClosed',
  'CodeWrong',
  'CodeExpired',
  'CodeExhausted',
  'MailDomainRefused',
  'RateLimited',
  'ProofOfWorkRequired',
  'IdempotencyKeyReused',
  'VersionConflict',
  'TransitionNotAllowed',
  'NoRegistry',
  'SupportEntryRefused',
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
  'ArchiveNotReady',
  'ArchiveDamaged',
  'ArchivingFailed',
  'SiteNotReady',
  'BlueprintInvalid',
  'BlueprintUnknown',
  'BlueprintUnavailable',
  'RuntimeUnavailable',
  'LaunchFailed',
  'Unavailable',
] as const

export type ErrorKind = (typeof errorKinds)[number]

/** `path` is dotted, and empty for the whole. */
export interface FieldProblem {
  readonly path: string
  readonly message: string
  /** Names the problem for pages that say it in another language, with the values of its words. */
  readonly code?: string
  readonly values?: Readonly<Record<string, string>>
}

export class SitewrightError extends Error {
  readonly kind: ErrorKind
  readonly fields: readonly FieldProblem[]
  readonly retryAfterSeconds: number | undefined
  /** The proof of work to solve first. */
  readonly challenge: Challenge | undefined
  readonly plans: readonly PlanOffer[] | undefined
  /** What the plan does not include, such as `customDomain`. */
  readonly feature: string | undefined

  /** `message` is shown to callers: what was wrong, with which value, what to do. Never a secret. */
  constructor(
    kind: ErrorKind,
    message: string,
    options: {
      fields?: readonly FieldProblem[]
      cause?: unknown
      retryAfterSeconds?: number
      challenge?: Challenge
      plans?: readonly PlanOffer[]
      feature?: string
    } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = kind
    this.kind = kind
    this.fields = options.fields ?? []
    this.retryAfterSeconds = options.retryAfterSeconds
    this.challenge = options.challenge
    this.plans = options.plans
    this.feature = options.feature
  }
}

export const isErrorOfKind = (error: unknown, ...kinds: readonly ErrorKind[]): error is SitewrightError =>
  error instanceof SitewrightError && kinds.includes(error.kind)

/** @throws {SitewrightError} `TransitionNotAllowed`, always. */
export const refuse = (message: string): never => {
  throw new SitewrightError('TransitionNotAllowed', message)
}

/** Refuses a field for its problem. @throws {SitewrightError} `InvalidRequest`, always. */
export const refuseField = (path: string, problem: string, message = problem): never => {
  throw new SitewrightError('InvalidRequest', message, { fields: [{ path, message: problem }] })
}

/** @throws {SitewrightError} `NotFound`, always. */
export const notFound = (message: string): never => {
  throw new SitewrightError('NotFound', message)
}

/** A mistake in sitewright.config.ts. Its message is enough, without a stack trace. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}
