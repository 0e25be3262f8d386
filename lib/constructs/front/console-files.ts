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
  readonly directory: string
}

/** The console's pages, which only CloudFront reads, and their access log. */
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
      // CloudFront writes its logs with an access control list, its only way into a customer's bucket.
      objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED,
      // They contain visitors' addresses.
      lifecycleRules: [{ expiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    })
    Validations.of(this.accessLogs).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'It holds access logs; logging access to it would never end.',
    })
    // The next deploy restores all its files from the repository.
    this.bucket = new Bucket(this, 'Bucket', { ...shared, removalPolicy: RemovalPolicy.DESTROY })
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Only CloudFront reads it, and CloudFront logs every request.',
    })
  }

  /** Uploads the pages. Nothing is invalidated: CloudFront asks for a page again after a second. */
  deployTo(distribution: IDistribution): void {
    const shared = {
      // CloudFront compresses by itself.
      sources: [Source.asset(this.#props.directory, { exclude: ['**/*.br'] })],
      logGroup: monthLog(this, 'DeploymentLog', `/${this.#props.names.installation}/console-deployment`),
      destinationBucket: this.bucket,
    }
    const assets = new BucketDeployment(this, 'Assets', {
      ...shared,
      // A page of before a deploy may still load its assets, so the old ones stay.
      prune: false,
      exclude: ['*'],
      include: ['assets/*'],
      cacheControl: [CacheControl.setPublic(), CacheControl.maxAge(Duration.days(365)), CacheControl.immutable()],
    })
    const pages = new BucketDeployment(this, 'Deployment', {
      ...shared,
      // The scripts of earlier versions would be of this origin. Excluded files stay.
      prune: true,
      exclude: ['assets/*'],
      cacheControl: [CacheControl.noCache()],
    })
    // A page needs its assets.
    pages.node.addDependency(assets, distribution)
    this.#acknowledgeUploader()
  }

  /** The CDK's own function copies the files; there is one for the stack, with its own policy. */
  #acknowledgeUploader(): void {
    const stack = Stack.of(this)
    const uploader = stack.node.children.find(({ node }) => node.id.startsWith('Custom::CDKBucketDeployment'))
    if (uploader === undefined) throw new Error(`${stack.stackName} has no function that uploads the console`)
    const reason =
      "CDK's own uploader, which runs only in a deploy: it copies from the bucket of assets into that of the console."
    const findings = [
      'L1',
      'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      ...['GetBucket*', 'GetObject*', 'List*', 'Abort*', 'DeleteObject*'].map((action) => `IAM5[Action::s3:${action}]`),
    ]
    Validations.of(uploader).acknowledge(...findings.map((finding) => ({ id: `AwsSolutions-${finding}`, reason })))
    const assets = `cdk-${stack.synthesizer.bootstrapQualifier ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER}-assets`
    for (const resource of [
      `arn:${stack.partition}:s3:::${assets}-${stack.account}-${stack.region}/*`,
      `${this.bucket.bucketArn}/*`,
    ]) {
      acknowledgeWildcard(uploader, resource, reason)
    }
  }
}
