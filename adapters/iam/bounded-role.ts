import type { IAMClient } from '@aws-sdk/client-iam'
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  EntityAlreadyExistsException,
  PutRolePolicyCommand,
  paginateListRolePolicies,
} from '@aws-sdk/client-iam'
import { asking, askingIfThere, everyItem } from '../cells/aws-calls.ts'
import type { ArnParts } from '../ssm/cell-description.ts'
import type { PolicyDocument } from './site-policies.ts'
import { siteTrustPolicy } from './site-policies.ts'

interface BoundedRole {
  /** Unique in the account, in any path. */
  readonly name: string
  /** Begins and ends with a slash. */
  readonly path: string
  readonly description: string
  /** The most that the role can ever allow. */
  readonly boundaryArn: string
  readonly tags: readonly { readonly Key: string; readonly Value: string }[]
  readonly policyName: string
  readonly policy: PolicyDocument
}

/**
 * Makes a role for tasks of ECS with one policy and a boundary, or finds it made. IAM takes some seconds to know a new role
 * everywhere, so its first users try again. @returns the role's ARN.
 */
export const ensureBoundedRole = (
  iam: IAMClient,
  account: ArnParts,
  { name, path, description, boundaryArn, tags, policyName, policy }: BoundedRole,
): Promise<string> =>
  asking('make a role', async () => {
    try {
      await iam.send(
        new CreateRoleCommand({
          RoleName: name,
          Path: path,
          Description: description,
          AssumeRolePolicyDocument: JSON.stringify(siteTrustPolicy(account)),
          PermissionsBoundary: boundaryArn,
          Tags: [...tags],
        }),
      )
    } catch (error) {
      if (!(error instanceof EntityAlreadyExistsException)) throw error
    }
    // Written each time: the try that made the role may have ended before this.
    await iam.send(
      new PutRolePolicyCommand({ RoleName: name, PolicyName: policyName, PolicyDocument: JSON.stringify(policy) }),
    )
    return `arn:${account.partition}:iam::${account.account}:role${path}${name}`
  })

const policiesOf = (iam: IAMClient, name: string): Promise<readonly string[]> =>
  everyItem(paginateListRolePolicies({ client: iam }, { RoleName: name }), ({ PolicyNames }) => PolicyNames)

/** Removes a role and its policies, or finds it removed. */
export const removeRole = async (iam: IAMClient, name: string): Promise<void> => {
  // A role with policies cannot be deleted.
  for (const PolicyName of (await askingIfThere("list a role's policies", () => policiesOf(iam, name))) ?? []) {
    await askingIfThere("delete a role's policy", () =>
      iam.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName })),
    )
  }
  await askingIfThere('delete a role', () => iam.send(new DeleteRoleCommand({ RoleName: name })))
}
