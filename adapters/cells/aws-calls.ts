import * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'

const failureSchema = z.object({ name: z.string(), message: z.string() })

const failureOf = (error: unknown): z.infer<typeof failureSchema> =>
  failureSchema.safeParse(error).data ?? { name: 'unknown', message: 'unknown' }

type Meaning = 'gone' | 'wrong' | 'passing'

/** The meanings of errors of ECS, EFS, IAM and SSM. All others pass, or an operator has to end them: try again. */
const meanings: ReadonlyMap<string, Meaning> = new Map([
  ['ServiceNotFoundException', 'gone'],
  ['ServiceNotActiveException', 'gone'],
  ['NoSuchEntityException', 'gone'],
  ['AccessPointNotFound', 'gone'],
  ['ParameterNotFound', 'gone'],
  ['ResourceNotFoundException', 'gone'],
  ['ClientException', 'wrong'],
  ['InvalidParameterException', 'wrong'],
  ['UnsupportedFeatureException', 'wrong'],
  ['PlatformUnknownException', 'wrong'],
  ['PlatformTaskDefinitionIncompatibilityException', 'wrong'],
  ['BadRequest', 'wrong'],
  ['ValidationException', 'wrong'],
  ['InvalidInputException', 'wrong'],
  ['MalformedPolicyDocumentException', 'wrong'],
])

const throttled = /rate exceeded|request limit exceeded|error ?code: (throttling|requestlimitexceeded)/i

/**
 * ECS has two names for most refusals, so the message tells which of them pass: others register in the family, another try has
 * just retired the definition, not all of IAM knows the new role, a service of the name still ends or was just made, or EC2, which
 * ECS asks about subnets and security groups, did not answer it.
 */
const byMessage: readonly (readonly [RegExp, Meaning])[] = [
  [/unable to describe task definition|task definition does not exist/i, 'gone'],
  [throttled, 'passing'],
  [/too many concurrent|still draining|not idempotent|is inactive/i, 'passing'],
  [/error ?code: (internal|(service)?unavailable)/i, 'passing'],
  [/role .*not valid|assume (the )?role|verify that the .*role/i, 'passing'],
]

const meaningOf = (error: unknown): Meaning => {
  const { name, message } = failureOf(error)
  const meaning = meanings.get(name) ?? 'passing'
  return meaning === 'wrong' ? (byMessage.find(([pattern]) => pattern.test(message))?.[1] ?? meaning) : meaning
}

/** Whether the requested thing does not exist, or no longer. */
const isGone = (error: unknown): boolean => meaningOf(error) === 'gone'

/** Whether not all of IAM knows a new role yet, which takes seconds, also if `asking` converted the error. */
export const isRoleNew = (error: unknown): boolean =>
  /assume (the )?role|verify that the .*role|iam:PassRole/i.test(failureOf(error).message)

/** Another service of this name was made at the same moment, or is still ending. */
export const isNameTaken = (error: unknown): boolean => /not idempotent|still draining/i.test(failureOf(error).message)

/** Whether AWS refused a call because there were too many, also if `asking` converted the error. */
export const isThrottled = (error: unknown): boolean => {
  const { name, message } = failureOf(error instanceof SitewrightError ? error.cause : error)
  return /throttl|requestlimitexceeded|toomanyrequests/i.test(name) || throttled.test(message)
}

/** Converts an AWS error: `LaunchFailed` if the same call would fail again, otherwise `RuntimeUnavailable`. */
const awsFailure = (error: unknown, doing: string): SitewrightError => {
  if (error instanceof SitewrightError) return error
  const { name, message } = failureOf(error)
  return meaningOf(error) === 'wrong'
    ? new SitewrightError('LaunchFailed', `AWS refused to ${doing} (${name}): ${message}`, { cause: error })
    : new SitewrightError('RuntimeUnavailable', `AWS could not ${doing} (${name}): ${message}`, { cause: error })
}

/** @throws {SitewrightError} `LaunchFailed` or `RuntimeUnavailable` instead of what the call throws. */
export const asking = async <Result>(doing: string, call: () => Promise<Result>): Promise<Result> => {
  try {
    return await call()
  } catch (error) {
    throw awsFailure(error, doing)
  }
}

/** Like `asking`; undefined where the thing in question is gone. */
export const askingIfThere = async <Result>(
  doing: string,
  call: () => Promise<Result>,
): Promise<Result | undefined> => {
  try {
    return await call()
  } catch (error) {
    if (isGone(error)) return undefined
    throw awsFailure(error, doing)
  }
}

/** Gathers what every page of a listing holds. */
export const everyItem = async <Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<readonly Item[]> => {
  const items: Item[] = []
  for await (const page of pages) items.push(...(itemsOf(page) ?? []))
  return items
}

/** Splits items into batches of at most so many, for calls that take no more at once. */
export const batchesOf = <Item>(items: readonly Item[], size: number): readonly Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size))
