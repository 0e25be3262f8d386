import { Stack, Validations } from 'aws-cdk-lib'
import {
  type AddToPrincipalPolicyResult,
  ManagedPolicy,
  PolicyDocument,
  PolicyStatement,
  Role,
  type RoleProps,
} from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import * as z from 'zod'

export interface Grant {
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  /** By operator, then by condition key. */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
  /** Why a resource contains a wildcard; required if one does. */
  readonly because?: string
}

/** In characters of the template. IAM allows 10,240 in all inline policies of a role: a policy beside it would count as well. */
const maxInline = 9500
/** Likewise. IAM allows 6,144 in a managed policy, and ten of these at a role. */
const maxManaged = 5000

/** A role that holds its statements itself. Those beyond IAM's limit are in managed policies, each of which has a limit of its own. */
export class InlineRole extends Role {
  readonly #document: PolicyDocument
  readonly #inline = new Set<string>()
  readonly #further: { readonly policy: ManagedPolicy; readonly texts: string[] }[] = []

  constructor(scope: Construct, id: string, props: Pick<RoleProps, 'assumedBy' | 'description'>) {
    const document = new PolicyDocument()
    super(scope, id, { ...props, inlinePolicies: { Grants: document } })
    this.#document = document
  }

  override addToPrincipalPolicy(statement: PolicyStatement): AddToPrincipalPolicyResult {
    const text = JSON.stringify(Stack.of(this).resolve(statement.toJSON()))
    if ([...this.#inline, text].join().length > maxInline) {
      const policy = this.#furtherFor(text)
      policy.addStatements(statement)
      return { statementAdded: true, policyDependable: policy }
    }
    this.#inline.add(text)
    this.#document.addStatements(statement)
    return { statementAdded: true, policyDependable: this }
  }

  #furtherFor(text: string): ManagedPolicy {
    const last = this.#further.at(-1)
    if (last !== undefined && [...last.texts, text].join().length <= maxManaged) {
      last.texts.push(text)
      return last.policy
    }
    const policy = new ManagedPolicy(this, `Further${this.#further.length}`, { roles: [this] })
    this.#further.push({ policy, texts: [text] })
    return policy
  }
}

const joinSchema = z.object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) })
const attributeSchema = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) })
const referenceSchema = z.object({ Ref: z.string() })

/** An ARN in the form of cdk-nag's findings: `<Name>` for values that are known only at deployment. */
const flatten = (resolved: unknown): string => {
  // A policy variable looks like a reference.
  if (typeof resolved === 'string') return resolved.replaceAll(/\$\{([^}]+)\}/g, '<$1>')
  const join = joinSchema.safeParse(resolved)
  if (join.success) return join.data['Fn::Join'][1].map(flatten).join(join.data['Fn::Join'][0])
  const attribute = attributeSchema.safeParse(resolved)
  if (attribute.success) return `<${attribute.data['Fn::GetAtt'].join('.')}>`
  return `<${referenceSchema.parse(resolved).Ref}>`
}

/** Records why a policy of `scope` names this resource with a wildcard. */
export const acknowledgeWildcard = (scope: Construct, resource: string, reason: string): void => {
  Validations.of(scope).acknowledge({
    id: `AwsSolutions-IAM5[Resource::${flatten(Stack.of(scope).resolve(resource))}]`,
    reason,
  })
}

const holdsWildcard = (resource: string): boolean => resource.includes('*')

/** @throws {Error} for a wildcard without a reason. */
export const addGrants = (role: Role, grants: readonly Grant[]): void => {
  for (const { actions, resources, conditions, because } of grants) {
    role.addToPolicy(
      new PolicyStatement({
        actions: [...actions],
        resources: [...resources],
        ...(conditions === undefined ? {} : { conditions }),
      }),
    )
    for (const resource of resources.filter(holdsWildcard)) {
      if (because === undefined) throw new Error(`${actions.join(', ')} on ${resource} has no reason for its wildcard`)
      acknowledgeWildcard(role, resource, because)
    }
  }
}
