import { RemovalPolicy } from 'aws-cdk-lib'
import { Repository, TagMutability } from 'aws-cdk-lib/aws-ecr'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'

interface SiteRepositoriesProps {
  readonly names: Pick<Names, 'siteRepository'>
  readonly blueprints: readonly Blueprint[]
}

/**
 * A repository for each container of the offered blueprints; publishing copies images there. Nothing expires: a
 * version is kept while a site or an archive refers to it.
 */
export class SiteRepositories extends Construct {
  constructor(scope: Construct, id: string, { names, blueprints }: SiteRepositoriesProps) {
    super(scope, id)
    for (const { name: blueprint, containers } of blueprints) {
      for (const { name: container } of containers) {
        new Repository(this, `${blueprint}.${container}`, {
          repositoryName: names.siteRepository(blueprint, container),
          imageTagMutability: TagMutability.IMMUTABLE,
          imageScanOnPush: true,
          removalPolicy: RemovalPolicy.RETAIN,
        })
      }
    }
  }
}
