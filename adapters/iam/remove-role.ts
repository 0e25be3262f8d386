import type { IAMClient } from '@aws-sdk/client-iam'
import { DeleteRoleCommand, DeleteRolePolicyCommand, paginateListRolePolicies } from '@aws-sdk/client-iam'
import { askingIfThere } from '../cells/aws-failure.ts'

const policiesOf = async (iam: IAMClient, name: string): Promise<readonly string[]> => {
  const names: string[] = []
  for await (const page of paginateListRolePolicies({ client: iam }, { RoleName: name })) {
    names.push(...(page.PolicyNames ?? []))
  }
  return names
}

/** Removes a role and whatever was written into it; removed already is as good. */
export const removeRole = async (iam: IAMClient, name: string): Promise<void> => {
  // A role with policies cannot be deleted.
  for (const PolicyName of (await askingIfThere("list a role's policies", () => policiesOf(iam, name))) ?? []) {
    await askingIfThere("delete a role's policy", () =>
      iam.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName })),
    )
  }
  await askingIfThere('delete a role', () => iam.send(new DeleteRoleCommand({ RoleName: name })))
}
