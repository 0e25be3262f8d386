import type { PolicyDocument } from '../../../adapters/iam/site-policies.ts'

type Statement = PolicyDocument['Statement'][number]

/** What a client asks of EFS, or of another service. */
export interface MountRequest {
  readonly action: string
  readonly resource: string
  /** Condition keys; one that is absent is not in the request. */
  readonly context: Readonly<Record<string, string>>
}

/** A role with its policies; a client without one is anonymous. */
export interface Role {
  readonly policies: readonly PolicyDocument[]
  readonly boundary: PolicyDocument
}

const asList = <Item>(value: Item | readonly Item[]): readonly Item[] =>
  Array.isArray(value) ? (value as readonly Item[]) : [value as Item]

/** `*` and `?` as IAM means them. */
const matches = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(text)

const operators: Readonly<Record<string, (wanted: string, found: string | undefined) => boolean>> = {
  StringEquals: (wanted, found) => found === wanted,
  StringLike: (wanted, found) => found !== undefined && matches(wanted, found),
  ArnLike: (wanted, found) => found !== undefined && matches(wanted, found),
  Bool: (wanted, found) => found !== undefined && found.toLowerCase() === wanted.toLowerCase(),
  Null: (wanted, found) => String(found === undefined) === wanted,
}

/** A variable without a value matches nothing. */
const withVariables = (pattern: string, { context }: MountRequest): string =>
  pattern.replaceAll(/\$\{([^}]+)\}/g, (_, key: string) => context[key] ?? '\0')

const holds = ({ Condition = {} }: Statement, request: MountRequest): boolean =>
  Object.entries(Condition).every(([operator, keys]) => {
    const compare = operators[operator]
    if (compare === undefined) throw new Error(`the evaluator does not know ${operator}`)
    return Object.entries(keys).every(([key, values]) =>
      asList(values).some((value) => compare(withVariables(value, request), request.context[key])),
    )
  })

const applies = (statement: Statement, request: MountRequest): boolean =>
  asList(statement.Action).some((pattern) => matches(pattern, request.action)) &&
  (statement.Resource === undefined ||
    asList(statement.Resource).some((pattern) => matches(withVariables(pattern, request), request.resource))) &&
  holds(statement, request)

const says = (effect: Statement['Effect'], policies: readonly PolicyDocument[], request: MountRequest): boolean =>
  policies.some(({ Statement }) =>
    Statement.some((statement) => statement.Effect === effect && applies(statement, request)),
  )

/**
 * Whether IAM allows a request within one account: nothing denies it, and either the resource's policy allows it to
 * everybody, or both the role's policies and its boundary do. Source: the IAM User Guide, "Policy evaluation logic". It
 * knows the principal `*` alone, and the conditions that the policies under test use; it throws on others.
 */
export const isAllowed = (
  request: MountRequest,
  { role, resourcePolicy }: { readonly role?: Role; readonly resourcePolicy: PolicyDocument },
): boolean => {
  const ofRole = role === undefined ? [] : [...role.policies, role.boundary]
  if (says('Deny', [...ofRole, resourcePolicy], request)) return false
  if (says('Allow', [resourcePolicy], request)) return true
  return role !== undefined && says('Allow', role.policies, request) && says('Allow', [role.boundary], request)
}
