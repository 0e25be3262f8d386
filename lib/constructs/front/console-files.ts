import { DefaultStackSynthesizer, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront'
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3'
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import { monthLog } from '../../deployment.ts'
import { acknowledgeWildcard } from '../control/permissions/grant.ts'

interface ConsoleFilesProps {
  readonly names: Pick<Names, 'installation'>
  /** The directory of the console's pages. */
  readonly directory: string
}

/** The console's pages, which only CloudFront reads, and the log of who asked for them. */
export class ConsoleFiles extends Construct {
  readonly bucket: Bucket
  readonly accessLogs: Bucket
  readonly #props: ConsoleFilesProps

  constructor(scope: Construct, id: string, props: ConsoleFilesProps) {
    super(scope, id)
    this.#props = props
    const shared = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
    }
    this.accessLogs = new Bucket(this, 'AccessLogs', {
      ...shared,
      // CloudFront writes its logs by an access list, the only way it has to a bucket of one's own.
      objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED,
      // They hold visitors' addresses.
      lifecycleRules: [{ expiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy: RemovalPolicy.RETAIN,
    })
    Validations.of(this.accessLogs).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'It is where logs of access go; its own would go round in circles.',
    })
    // Everything in it comes from the repository, by the next deploy.
    this.bucket = new Bucket(this, 'Bucket', { ...shared, removalPolicy: RemovalPolicy.DESTROY })
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Only CloudFront reads it, and CloudFront logs every request.',
    })
  }

  /** Puts the pages in place, and lets CloudFront forget the old ones. */
  deployTo(distribution: IDistribution): void {
    new BucketDeployment(this, 'Deployment', {
      destinationBucket: this.bucket,
      sources: [Source.asset(this.#props.directory, { exclude: ['tsconfig.json'] })],
      cacheControl: [CacheControl.noCache()],
      distribution,
      logGroup: monthLog(this, 'DeploymentLog', `/${this.#props.names.installation}/console-deployment`),
    })
    this.#acknowledgeUploader()
  }

  /** CDK's own function, one for the stack, copies the files; its policy comes with it. */
  #acknowledgeUploader(): void {
    const stack = Stack.of(this)
    const uploader = stack.node.children.find(({ node }) => node.id.startsWith('Custom::CDKBucketDeployment'))
    if (uploader === undefined) throw new Error(`nothing in ${stack.stackName} uploads the console`)
    const reason =
      "CDK's own uploader, which runs in a deploy alone: from the bucket of assets into that of the console."
    const findings = [
      'L1',
      'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      ...['GetBucket*', 'GetObject*', 'List*', 'Abort*', 'DeleteObject*'].map((action) => `IAM5[Action::s3:${action}]`),
    ]
    Validations.of(uploader).acknowledge(...findings.map((finding) => ({ id: `AwsSolutions-${finding}`, reason })))
    const assets = `cdk-${stack.synthesizer.bootstrapQualifier ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER}-assets`
    // Of the last, an invalidation, which takes no resource.
    for (const resource of [
      `arn:${stack.partition}:s3:::${assets}-${stack.account}-${stack.region}/*`,
      `${this.bucket.bucketArn}/*`,
      '*',
    ]) {
      acknowledgeWildcard(uploader, resource, reason)
    }
  }
}
