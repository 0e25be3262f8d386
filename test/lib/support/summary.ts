import { filled } from './filled.ts'
import { type Resource, resourcesOf, type Template } from './resources.ts'

/** Types whose resources are only counted: they follow from others, or tests of their own judge them. */
const counted = new Set([
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Version',
  'AWS::Logs::LogGroup',
])

/** A rule between two security groups has the other's hash in it, before the ports. */
const shortId = (id: string): string => id.replace(/[0-9A-F]{8}$/, '').replace(/[0-9A-F]{8}(?=\d+(to|from)?$)/, ':')
const shortType = (type: string): string => type.replace(/^AWS::/, '')

/** An ARN without partition, own region and account; a reference as `<LogicalId>`; the installation's name as `~`. */
const shortArn = (arn: string): string =>
  arn
    .replace(/^arn:aws:stand-in:::(?:[\w-]+:ExportsOutput(?:Ref|FnGetAtt))?(\w+)/, (_, id: string) => {
      const [name] = id.split(/[0-9A-F]{8}/)
      return `<${name}>`
    })
    .replace(/^arn:aws:/, '')
    .replaceAll(/:(eu-central-1)?:111122223333:|:::/g, ':')
    .replace(/([A-Z]\w*)[0-9A-F]{8}$/, '<$1>')
    .replaceAll('sitewright-test', '~')

const list = (value: unknown): string => [value].flat().map(String).map(shortArn).toSorted().join(', ')

const condition = (conditions: object): string =>
  Object.entries(conditions)
    .flatMap(([operator, tests]) =>
      Object.entries<unknown>(tests).map(([key, value]) =>
        key === 'dynamodb:LeadingKeys' ? `keys ${list(value)}` : `${operator} ${key} ${list(value)}`,
      ),
    )
    .toSorted()
    .join(' and ')

const principals = (principal: unknown): string =>
  typeof principal === 'object' && principal !== null ? Object.values(principal).map(list).join(', ') : list(principal)

// biome-ignore lint/suspicious/noExplicitAny: whatever a statement holds
const statementLine = ({ Effect, Action, Resource: on, Principal, Condition }: any): string =>
  [
    Principal === undefined ? Effect : `${Effect} ${principals(Principal)}:`,
    list(Action),
    ...(on === undefined ? [] : [`on ${list(on)}`]),
    ...(Condition === undefined ? [] : [`if ${condition(Condition)}`]),
  ].join(' ')

const documents = ['AssumeRolePolicyDocument', 'FileSystemPolicy', 'KeyPolicy', 'PolicyDocument'] as const

/** The statements that stand in one resource, and what else a role is given. */
const grantsIn = ({ Type, Properties }: Resource): readonly string[] => {
  const policies = Type === 'AWS::IAM::Role' ? (Properties.Policies ?? []) : []
  const inline = policies.map(({ PolicyDocument }: { PolicyDocument: unknown }) => PolicyDocument)
  return [
    ...[...documents.map((name) => Properties?.[name]), ...inline]
      .filter((document) => document !== undefined)
      // biome-ignore lint/suspicious/noExplicitAny: whatever a document holds
      .flatMap((document) => (filled(document) as any).Statement.map(statementLine)),
    ...(Properties?.ManagedPolicyArns ?? []).map((arn: unknown) => `Allow all of ${list(filled(arn))}`),
    ...(Properties?.PermissionsBoundary === undefined
      ? []
      : [`within ${list(filled(Properties.PermissionsBoundary))}`]),
  ]
}

/** Each grant of a template with its owner: a function's name, a role's id, or the id of what has the policy. */
const grantsOf = (template: Template): readonly (readonly [owner: string, grant: string])[] => {
  const functionByRole = new Map(
    resourcesOf(template, 'AWS::Lambda::Function').flatMap(({ Properties }) =>
      Properties.FunctionName === undefined
        ? []
        : [[Properties.Role['Fn::GetAtt'][0], Properties.FunctionName.replace('sitewright-test-', '')]],
    ),
  )
  const ownerOf = (id: string): string => functionByRole.get(id) ?? shortId(id)
  return resourcesOf(template).flatMap((resource) => {
    const roles = resource.Type.startsWith('AWS::IAM::') ? (resource.Properties.Roles ?? []) : []
    const owners = roles.length === 0 ? [resource.id] : roles.map(({ Ref }: { Ref: string }) => Ref)
    return owners.flatMap((id: string) => {
      const owner = ownerOf(id)
      const ownLog = `<Functions${owner.replaceAll('-', '')}Log>`
      return grantsIn(resource).map((grant) => [owner, grant.replace(ownLog, '<own log>')] as const)
    })
  })
}

/** Lines of all functions together stand once, as those of `every function`. */
const grantLines = (template: Template): readonly string[] => {
  const functions = new Set(
    resourcesOf(template, 'AWS::Lambda::Function').map(({ Properties }) =>
      String(Properties.FunctionName).replace('sitewright-test-', ''),
    ),
  )
  const ownersOf = Map.groupBy(grantsOf(template), ([, grant]) => grant)
  const lines = [...ownersOf].flatMap(([grant, pairs]) => {
    const owners = [...new Set(pairs.map(([owner]) => owner))]
    const isOfEvery = functions.size > 1 && [...functions].every((name) => owners.includes(name))
    const named = isOfEvery ? ['every function', ...owners.filter((owner) => !functions.has(owner))] : owners
    return named.map((owner) => `${owner}: ${grant}`)
  })
  return lines.toSorted()
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a resource holds
const facts: Readonly<Record<string, (properties: any) => string>> = {
  'AWS::ApiGatewayV2::Api': ({ Body }) => `: ${Object.keys(Body.paths).length} paths`,
  'AWS::CloudWatch::Alarm': ({ MetricName, Statistic, ExtendedStatistic, Threshold, ...checks }) => {
    const comparison = checks.ComparisonOperator === 'LessThanThreshold' ? '<' : '>='
    const period = `${checks.EvaluationPeriods} × ${checks.Period / 60} min`
    return `: ${Statistic ?? ExtendedStatistic} ${MetricName} ${comparison} ${Threshold} in ${period}`
  },
  'AWS::Logs::MetricFilter': ({ FilterPattern }) => `: ${FilterPattern}`,
}

const resourceLines = (template: Template): readonly string[] => {
  const byType = Map.groupBy(resourcesOf(template), ({ Type }) => Type)
  return [...byType]
    .flatMap(([type, resources]) =>
      counted.has(type)
        ? [`${resources.length} × ${shortType(type)}`]
        : resources.map(({ id, Properties }) => `${shortId(id)} ${shortType(type)}${facts[type]?.(Properties) ?? ''}`),
    )
    .toSorted()
}

/** A stack as people review it: its resources by id and type, then every statement of every policy in a line. */
export const summaryOf = (template: Template): string =>
  [...resourceLines(template), '', ...grantLines(template), ''].join('\n')
