import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import type * as z from 'zod'
import { type ErrorKind, SitewrightError } from '../../core/errors.ts'
import type { problemSchema } from './problem-schema.ts'

interface ProblemForm {
  readonly status: number
  readonly title: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Maps each error kind to HTTP; nothing else does. */
export const problemForms: Readonly<Record<ErrorKind, ProblemForm>> = {
  InvalidRequest: { status: 400, title: 'The request is not valid' },
  MalformedBody: { status: 400, title: 'The request body cannot be read' },
  WebhookRefused: { status: 400, title: 'The event was refused' },
  Unauthenticated: { status: 401, title: 'Sign in first', headers: { 'www-authenticate': 'Bearer' } },
  PaymentRequired: { status: 402, title: 'A plan is required' },
  FeatureNotInPlan: { status: 402, title: 'The plan does not include this feature' },
  PaymentDeclined: { status: 402, title: 'The payment was declined' },
  Forbidden: { status: 403, title: 'Not allowed' },
  OfferClosed: { status: 403, title: 'This offer takes no sign-ups now' },
  NotFound: { status: 404, title: 'Not found' },
  MethodNotAllowed: { status: 405, title: 'Method not allowed' },
  HostnameTaken: { status: 409, title: 'The name is taken' },
  TrialAlreadyUsed: { status: 409, title: 'The trial was already used' },
  VersionConflict: { status: 409, title: 'Changed at the same time; try again' },
  TransitionNotAllowed: { status: 409, title: 'Not possible in the current state' },
  NoRegistry: { status: 409, title: 'There is no registry here' },
  SupportEntryRefused: { status: 409, title: 'The owner refuses entries of support' },
  OperationSuperseded: { status: 409, title: 'Replaced by a newer attempt' },
  OperationInProgress: { status: 409, title: 'Another operation is in progress' },
  ExtensionUsed: { status: 409, title: 'The extension was already used' },
  LimitsExceeded: { status: 409, title: 'A limit was reached' },
  CodeExpired: { status: 410, title: 'The code has expired' },
  CodeExhausted: { status: 410, title: 'Too many attempts for this code' },
  PayloadTooLarge: { status: 413, title: 'The request body is too large' },
  UnsupportedMediaType: { status: 415, title: 'The request body must be JSON' },
  ConfirmationWrong: { status: 422, title: 'The confirmation does not match' },
  HostnameNotAllowed: { status: 422, title: 'The name is not allowed' },
  CodeWrong: { status: 422, title: 'The code is wrong' },
  IdempotencyKeyReused: { status: 422, title: 'The Idempotency-Key was used for another request' },
  MailDomainRefused: { status: 422, title: 'The e-mail address is not accepted' },
  BlueprintInvalid: { status: 422, title: 'The blueprint is not valid' },
  ProofOfWorkRequired: { status: 428, title: 'Proof of work is required' },
  RateLimited: { status: 429, title: 'Too many requests' },
  WaitingList: { status: 429, title: 'You are on the waiting list' },
  ArchiveDamaged: { status: 500, title: 'The archive cannot be read' },
  ArchivingFailed: { status: 500, title: 'The archive could not be created' },
  BlueprintUnknown: { status: 500, title: 'The blueprint is not published' },
  LaunchFailed: { status: 502, title: 'The site could not be started' },
  SiteNotReady: { status: 503, title: 'The site is not ready', headers: { 'retry-after': '2' } },
  ArchiveNotReady: { status: 503, title: 'The archive is not ready', headers: { 'retry-after': '2' } },
  BlueprintUnavailable: {
    status: 503,
    title: 'This software cannot be built now; try again later',
    headers: { 'retry-after': '60' },
  },
  RuntimeUnavailable: { status: 503, title: 'Temporarily unavailable; try again', headers: { 'retry-after': '5' } },
  Unavailable: { status: 503, title: 'Temporarily unavailable; try again', headers: { 'retry-after': '2' } },
}

const internalProblem = { type: 'about:blank', status: 500, title: 'Something went wrong' } as const

const kebab = (kind: ErrorKind): string => kind.replace(/(?<=.)[A-Z]/g, '-$&').toLowerCase()

export const problemType = (kind: ErrorKind): string => `urn:sitewright:problem:${kebab(kind)}`

/** An unexpected error shows only its request id. */
const toProblem = (error: unknown, requestId: string | undefined): z.infer<typeof problemSchema> => {
  const named = requestId === undefined ? {} : { requestId }
  if (!(error instanceof SitewrightError)) return { ...internalProblem, ...named }
  const { status, title } = problemForms[error.kind]
  return {
    type: problemType(error.kind),
    title,
    status,
    detail: error.message,
    ...(error.fields.length > 0 ? { errors: [...error.fields] } : {}),
    ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
    ...(error.challenge === undefined ? {} : { challenge: error.challenge }),
    ...(error.plans === undefined ? {} : { plans: [...error.plans] }),
    ...named,
  }
}

const headersOf = (error: unknown): Readonly<Record<string, string>> => {
  if (!(error instanceof SitewrightError)) return {}
  const { retryAfterSeconds } = error
  return {
    ...problemForms[error.kind].headers,
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  }
}

export const problemResponse = (error: unknown, requestId?: string): APIGatewayProxyStructuredResultV2 => {
  const problem = toProblem(error, requestId)
  return {
    statusCode: problem.status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headersOf(error) },
    body: JSON.stringify(problem),
  }
}

export const bodyTooLarge = (largestBytes: number): SitewrightError =>
  new SitewrightError('PayloadTooLarge', `The body may have at most ${largestBytes / 1024} KiB.`)
