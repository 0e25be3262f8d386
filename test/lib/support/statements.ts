import { filled } from './filled.ts'
import { resourcesOf, type Template } from './resources.ts'

export interface Statement {
  /** The logical id of the policy, or of the role that it stands in. */
  readonly policy: string
  readonly effect: 'Allow' | 'Deny'
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  readonly conditions: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

interface Document {
  readonly Statement: readonly {
    readonly Effect: 'Allow' | 'Deny'
    readonly Action: string | string[]
    readonly Resource: string | string[]
    readonly Condition?: Statement['conditions']
  }[]
}

/** The statements of a policy document. */
export const statementsIn = (policy: string, document: unknown): readonly Statement[] =>
  (filled(document) as Document).Statement.map(({ Effect, Action, Resource, Condition = {} }) => ({
    policy,
    effect: Effect,
    actions: [Action].flat(),
    resources: [Resource].flat(),
    conditions: Condition,
  }))

/** Everything that the roles of a template are allowed or denied. */
export const statementsOf = (template: Template): readonly Statement[] =>
  resourcesOf(template).flatMap(({ id, Type, Properties }) => {
    if (Type === 'AWS::IAM::Policy' || Type === 'AWS::IAM::ManagedPolicy') {
      return statementsIn(id, Properties.PolicyDocument)
    }
    if (Type !== 'AWS::IAM::Role') return []
    return (Properties.Policies ?? []).flatMap((policy: { PolicyDocument: unknown }) =>
      statementsIn(id, policy.PolicyDocument),
    )
  })

/** What the role of one function is allowed, by the function's name in the manifest. */
export const grantsOfFunction = (template: Template, name: string): readonly Statement[] => {
  const functions = resourcesOf(template, 'AWS::Lambda::Function')
  const found = functions.find(({ Properties }) => String(Properties.FunctionName).endsWith(`-${name}`))
  const role = found?.Properties.Role['Fn::GetAtt'][0]
  // What does not fit in a role's own policy goes into a managed one.
  const policies = [...resourcesOf(template, 'AWS::IAM::Policy'), ...resourcesOf(template, 'AWS::IAM::ManagedPolicy')]
    .filter(({ Properties }) => (Properties.Roles ?? []).some(({ Ref }: { Ref: string }) => Ref === role))
    .map(({ id }) => id)
  return statementsOf(template).filter(({ policy }) => policy === role || policies.includes(policy))
}

/**
 * What each role is allowed, by the name of its function or by the role's id without the hash. A boundary that no role of the
 * template has counts as a role: it stands for those that are made at run time.
 */
export const statementsByRole = (template: Template): ReadonlyMap<string, readonly Statement[]> => {
  const functionByRole = new Map(
    resourcesOf(template, 'AWS::Lambda::Function').map(({ Properties }) => [
      Properties.Role['Fn::GetAtt'][0],
      Properties.FunctionName,
    ]),
  )
  const nameOf = (id: string): string => functionByRole.get(id) ?? id.replace(/[0-9A-F]{8}$/, '')
  const rolesOf = new Map(
    resourcesOf(template).map(({ id, Properties }): [string, readonly { Ref: string }[]] => [
      id,
      Properties?.Roles ?? [],
    ]),
  )
  const pairs = statementsOf(template)
    .filter(({ effect }) => effect === 'Allow')
    .flatMap((statement) => {
      const roles = rolesOf.get(statement.policy) ?? []
      const ids = roles.length === 0 ? [statement.policy] : roles.map(({ Ref }) => Ref)
      return ids.map((id) => ({ role: nameOf(id), statement }))
    })
  const grouped = Map.groupBy(pairs, ({ role }) => role)
  return new Map([...grouped].map(([role, group]) => [role, group.map(({ statement }) => statement)]))
}
