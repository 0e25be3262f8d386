import { RemovalPolicy } from 'aws-cdk-lib'
import { Repository, TagMutability } from 'aws-cdk-lib/aws-ecr'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'

interface SiteRepositoriesProps {
  readonly names: Pick<Names, 'siteRepository' | 'customRepository'>
  readonly blueprints: readonly Blueprint[]
}

/**
 * A repository for each container of the offered blueprints, and one for all other blueprints; publishing copies images there. Nothing
 * expires: a version is kept while a site or an archive refers to it.
 */
export class SiteRepositories extends Construct {
  constructor(scope: Construct, id: string, { names, blueprints }: SiteRepositoriesProps) {
    super(scope, id)
    const ofContainers = blueprints.flatMap(({ name: blueprint, containers }) =>
      containers.map(({ name }) => [`${blueprint}.${name}`, names.siteRepository(blueprint, name)] as const),
    )
    for (const [repositoryId, repositoryName] of [...ofContainers, ['Custom', names.customRepository] as const]) {
      new Repository(this, repositoryId, {
        repositoryName,
        imageTagMutability: TagMutability.IMMUTABLE,
        imageScanOnPush: true,
        removalPolicy: RemovalPolicy.RETAIN,
      })
    }
  }
}
