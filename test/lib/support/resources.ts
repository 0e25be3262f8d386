export interface Resource {
  readonly id: string
  readonly Type: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever CloudFormation takes
  readonly Properties: any
  readonly DeletionPolicy?: string
  readonly UpdateReplacePolicy?: string
  readonly UpdatePolicy?: {
    readonly CodeDeployLambdaAliasUpdate: { readonly DeploymentGroupName: { readonly Ref: string } }
  }
  readonly DependsOn?: readonly string[]
}

export interface Template {
  // biome-ignore lint/suspicious/noExplicitAny: whatever CloudFormation takes
  readonly toJSON: () => Record<string, any>
}

/** A template's resources, all or of one type. */
export const resourcesOf = (template: Template, type?: string): readonly Resource[] =>
  Object.entries<Omit<Resource, 'id'>>(template.toJSON()['Resources'])
    .map(([id, resource]) => ({ id, ...resource }))
    .filter(({ Type }) => type === undefined || Type === type)
