import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets'
import { StringParameter } from 'aws-cdk-lib/aws-ssm'
import { Construct } from 'constructs'
import type { Deployment } from '../../deployment.ts'

/**
 * The images that blueprints define how to build. A deploy builds them; publishing a blueprint finds them by a parameter
 * and copies them to the installation's own repository.
 */
export class BlueprintImages extends Construct {
  constructor(scope: Construct, id: string, { names, blueprints, resolvePath }: Deployment) {
    super(scope, id)
    for (const blueprint of blueprints) {
      for (const { name, build } of blueprint.containers) {
        if (build === undefined) continue
        const image = new DockerImageAsset(this, `${blueprint.name}.${name}`, {
          assetName: `${blueprint.name}/${name}`,
          directory: resolvePath(blueprint, build.context),
          file: build.dockerfile,
          platform: Platform.LINUX_ARM64,
        })
        new StringParameter(this, `${blueprint.name}.${name}.Uri`, {
          parameterName: names.imageParameter(blueprint.name, name),
          description: `The image of ${blueprint.name}/${name} as the last deploy built it`,
          stringValue: image.imageUri,
        })
      }
    }
  }
}
